package diagnose

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"testing"

	"mailcheck/internal/provider"
	"mailcheck/report"
)

var repliesFile = flag.String("replies", "testdata/replies.jsonl", "measure with the replies of this `file`")

// knownReply is a real reply with its true cause.
type knownReply struct {
	ID         string            `json:"id"`
	Protocol   string            `json:"protocol"`
	Step       string            `json:"step"`
	Provider   string            `json:"provider"`
	Response   string            `json:"response"`
	Cause      report.Cause      `json:"cause"`
	Confidence report.Confidence `json:"confidence"`
	Agreed     bool              `json:"agreed"` // by two readers who had what its place says of it; else a third has decided
	Mixed      bool              `json:"mixed"`  // of protocols, forms and sources as testdata/replies.jsonl is
	Alike      bool              `json:"alike"`  // it shares 85 % of its words with a text that the model was taught
}

// shares are how many replies have their cause first, or among those that are
// ranked, and how many of the sure answers are right.
type shares struct{ first, ranked, sure float64 }

func withStep(r knownReply) Question {
	return Question{Text: r.Response, Protocol: r.Protocol, Step: r.Step}
}

// knownReplies reads the file, but for replies whose cause is not settled.
func knownReplies(t testing.TB) []knownReply { return repliesOf(t, *repliesFile) }

func repliesOf(t testing.TB, name string) []knownReply {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []knownReply
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var r knownReply
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		if r.Confidence != report.Low {
			all = append(all, r)
		}
	}
	if len(all) == 0 {
		t.Fatalf("%s holds no replies", name)
	}
	return all
}

// The shares of replies that are explained rightly, in the ways that they may
// be asked about. Those that are not are printed with -v.
func TestKnownReplies(t *testing.T) {
	replies := knownReplies(t)
	for _, tt := range []struct {
		name  string
		asked func(knownReply) Question
		least shares
	}{
		{"protocol and step", withStep, shares{0.95, 0.99, 0.97}},
		{"text alone", func(r knownReply) Question { return Question{Text: r.Response} }, shares{0.90, 0.94, 0.97}},
		{"protocol, step and provider", func(r knownReply) Question {
			q := withStep(r)
			q.Provider, _ = provider.Find(r.Provider)
			return q
		}, shares{0.95, 0.99, 0.97}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			measure(t, replies, tt.asked, tt.least, func(r knownReply, a report.Answer) {
				t.Logf("%s %s %s: %s, got %s (%s) %v by %s\n\t%q", r.ID, r.Protocol, r.Step, r.Cause, a.Cause, a.Confidence, a.Alternatives, ruleOf(a), r.Response)
			})
		})
	}
}

// The same for replies that the model of package likeness was not taught, from other
// places than all others, taken as they came. The mixed ones are two sets; when each
// was measured first, 88.7 of a hundred of the one (168) and 88.2 of the other (85) had
// their cause first, and 96.4 and 97.6 ranked. Seven rules were mended for what the
// one had shown before the other was measured. The others have more bare sentences and
// more of what vendors write: 79.1 and 93.9. A reader who had the words alone named the
// cause of 86 of a hundred of them, and of 93 of the mixed ones; and the shares of the
// others were known when the weights of likeness.go were rounded.
// They are not printed: who has read them cannot measure with them any more.
func TestUnseenReplies(t *testing.T) {
	replies := repliesOf(t, "testdata/unseen.jsonl")
	for _, tt := range []struct {
		name  string
		of    func(knownReply) bool
		least shares
	}{
		{"mixed", func(r knownReply) bool { return r.Mixed }, shares{0.88, 0.95, 0.93}},
		{"mixed, unlike all that was taught", func(r knownReply) bool { return r.Mixed && !r.Alike }, shares{0.85, 0.95, 0.92}},
		{"others", func(r knownReply) bool { return !r.Mixed }, shares{0.78, 0.93, 0.92}},
		{"two readers agree", func(r knownReply) bool { return r.Agreed }, shares{0.83, 0.95, 0.93}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			some := slices.DeleteFunc(slices.Clone(replies), func(r knownReply) bool { return !tt.of(r) })
			measure(t, some, withStep, tt.least, nil)
		})
	}
}

// measure explains replies, and holds the shares to the least that they may be.
// It calls wrong, if there is one, for those whose cause is not the first.
func measure(t *testing.T, replies []knownReply, asked func(knownReply) Question, least shares, wrong func(knownReply, report.Answer)) {
	t.Helper()
	var first, ranked, sure, sureAndRight int
	for _, r := range replies {
		a := Explain(asked(r))
		right := a.Cause == r.Cause
		first += count(right)
		ranked += count(right || slices.ContainsFunc(a.Alternatives, func(o report.Alternative) bool { return o.Cause == r.Cause }))
		sure += count(a.Confidence == report.High)
		sureAndRight += count(right && a.Confidence == report.High)
		if !right && wrong != nil {
			wrong(r, a)
		}
	}
	all := len(replies)
	t.Logf("%d replies: first %s, ranked %s; %d are sure, %s of them right", all,
		portion(first, all), portion(ranked, all), sure, portion(sureAndRight, sure))
	for _, s := range []struct {
		what  string
		n, of int
		least float64
	}{{"first", first, all, least.first}, {"ranked", ranked, all, least.ranked}, {"sure and right", sureAndRight, sure, least.sure}} {
		if float64(s.n) < s.least*float64(s.of) {
			t.Errorf("%s: %s, want at least %.0f %%", s.what, portion(s.n, s.of), 100*s.least)
		}
	}
}

func ruleOf(a report.Answer) string {
	if a.Matched == nil {
		return "no rule"
	}
	return a.Matched.Rule
}

func BenchmarkExplain(b *testing.B) {
	replies := knownReplies(b)
	i := 0
	for b.Loop() {
		Explain(Question{Text: replies[i%len(replies)].Response})
		i++
	}
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}

func portion(n, of int) string {
	return fmt.Sprintf("%.1f %% (%d of %d)", 100*float64(n)/float64(max(of, 1)), n, of)
}
