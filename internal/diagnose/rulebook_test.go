package diagnose

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"mailcheck/internal/provider"
	"mailcheck/report"
)

// The form of the rules: everything that they name exists.
func TestRulebook(t *testing.T) {
	b, err := rulebook()
	if err != nil {
		t.Fatal(err)
	}
	known := everyCause(t)
	speaks := func(id string) bool {
		return slices.ContainsFunc(b.voices, func(v *voice) bool { return v.ID == id }) ||
			slices.ContainsFunc(provider.All(), func(p *provider.Provider) bool { return p.ID == id })
	}
	degrees := []report.Confidence{report.High, report.Medium, report.Low}
	ids := map[string]bool{}
	for _, r := range b.rules {
		if r.ID == "" || ids[r.ID] {
			t.Errorf("the id %q is empty or taken", r.ID)
		}
		ids[r.ID] = true
		if !slices.Contains(known, r.Cause) || !slices.Contains(degrees, r.Confidence) {
			t.Errorf("%s: %s, %s", r.ID, r.Cause, r.Confidence)
		}
		for _, o := range r.others {
			if !slices.Contains(known, o.Cause) || !slices.Contains(degrees, o.Confidence) || o.Cause == r.Cause {
				t.Errorf("%s: also %s, %s", r.ID, o.Cause, o.Confidence)
			}
		}
		for _, p := range r.Protocol {
			if !slices.Contains(Protocols, p) {
				t.Errorf("%s: there is no protocol %q", r.ID, p)
			}
		}
		for _, s := range r.Step {
			if s != "" && !slices.Contains(Steps, s) {
				t.Errorf("%s: there is no step %q", r.ID, s)
			}
		}
		for _, id := range slices.Concat(r.Provider, r.Software) {
			if !speaks(id) {
				t.Errorf("%s: nobody is called %q", r.ID, id)
			}
		}
		if r.Sign && (r.Any == nil || r.Vague) {
			t.Errorf("%s is a sign without words of its own", r.ID)
		}
		if r.Source == "" || len(r.Examples) == 0 {
			t.Errorf("%s has no source or no example", r.ID)
		}
	}
	for cause, also := range b.near {
		if !slices.Contains(known, cause) || len(also) > maxAlternatives {
			t.Errorf("near to %s are %v", cause, also)
		}
		for _, o := range also {
			if !slices.Contains(known, o.Cause) || o.Cause == cause {
				t.Errorf("%s is near to %s", o.Cause, cause)
			}
		}
	}
	for step, at := range unsaidAt {
		if !slices.Contains(Steps, step) {
			t.Errorf("there is no step %q", step)
		}
		for _, begin := range at.never {
			if !slices.ContainsFunc(known, func(c report.Cause) bool { return strings.HasPrefix(string(c), begin) }) {
				t.Errorf("%s: no cause begins with %q", step, begin)
			}
		}
		for _, cause := range at.but {
			if !slices.Contains(known, cause) {
				t.Errorf("%s: there is no cause %q", step, cause)
			}
		}
	}
	for _, v := range b.voices {
		for _, id := range v.Providers {
			if !speaks(id) {
				t.Errorf("voice %s: there is no provider %q", v.ID, id)
			}
		}
	}
}

// as reads an example of a rule in the circumstances that the rule is for.
func (r *rule) as(example string) heard {
	first := func(list []string) string {
		if len(list) == 0 {
			return ""
		}
		return list[0]
	}
	protocol := only(r.Protocol)
	if slices.Contains(r.Known, "protocol") {
		protocol = first(r.Protocol)
	}
	h := unwrap(example, protocol, first(r.Step))
	if r.Mechanism != "" {
		h.secret = r.Mechanism
	}
	h.security = r.Security
	h.speakers = slices.Concat(r.Provider, r.Software)
	return h
}

// Each rule decides its examples.
func TestExamples(t *testing.T) {
	b, err := rulebook()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range b.rules {
		for _, example := range r.Examples {
			h := r.as(example)
			if got, _ := h.rule(); got.match.rule != r {
				t.Errorf("%s: %q is decided by %s", r.ID, example, ruleName(got))
			}
		}
	}
}

func ruleName(j judgement) string {
	if j.match.rule == nil {
		return "no rule"
	}
	return j.match.rule.ID
}

// No two rules are equally specific where they disagree.
func TestTies(t *testing.T) {
	b, err := rulebook()
	if err != nil {
		t.Fatal(err)
	}
	check := func(h heard, text string) {
		h.listen(b.voices)
		m := h.matches(b.rules)
		if len(m) > 1 && m[0].score == m[1].score {
			t.Errorf("%s and %s tie on %q", m[0].rule.ID, m[1].rule.ID, text)
		}
	}
	for _, r := range b.rules {
		for _, example := range r.Examples {
			check(r.as(example), example)
		}
	}
	for _, r := range knownReplies(t) {
		check(unwrap(r.Response, r.Protocol, r.Step), r.Response)
		check(unwrap(r.Response, "", ""), r.Response)
	}
}

func TestLoadRulesRefuses(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"a misspelt field", "[[rule]]\nid = \"x\"\nstatsu = [\"535\"]", "statsu"},
		{"an open alternative", "[[rule]]\nid = \"x\"\nany = ['a (b|c']", "do not end"},
		{"alternatives in all", "[[rule]]\nid = \"x\"\nall = ['a (b|c)']", "belong into any"},
		{"a phrase that may be empty", "[[rule]]\nid = \"x\"\nany = ['(a|)']", "is empty"},
		{"a notion beside words in alternatives", "[[rule]]\nid = \"x\"\nany = ['(no {x}|y) * z']", "without a gap"},
		{"capitals", "[[rule]]\nid = \"x\"\nany = ['Failed']", "capitals"},
		{"a regular expression that is none", "[[rule]]\nid = \"x\"\nany = ['/(/']", "missing closing"},
		{"a notion that does not exist", "[[rule]]\nid = \"x\"\nany = ['{x} * y']", "no notion"},
		{"words beside a notion", "[[rule]]\nid = \"x\"\nany = ['no {x}']", "without a gap"},
		{"a notion of notions", "[[notion]]\nid = \"x\"\nwords = ['a * b']", "more than words"},
		{"another cause without confidence", "[[rule]]\nid = \"x\"\nalso = ['dns.timeout']", "no confidence"},
	} {
		files := fstest.MapFS{"rules/x.toml": {Data: []byte(tt.text)}}
		if _, err := loadRules(files); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v", tt.name, err)
		}
	}
}
