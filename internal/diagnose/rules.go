package diagnose

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"github.com/pelletier/go-toml/v2"

	"mailcheck/internal/crash"
	"mailcheck/report"
)

// rule is what one kind of refusal or error means, as the files of rules/ have
// it. Fields that are left out match everything. What a rule asks for by
// Protocol and Step counts as met where the protocol or the step is not known;
// everything else has to be known.
type rule struct {
	ID       string   `toml:"id"`
	Protocol []string `toml:"protocol"` // of [Protocols]
	Step     []string `toml:"step"`     // of [Steps]; "" is one that is not known
	// Known is which of "protocol" and "step" has to be known all the same.
	Known    []string `toml:"known"`
	Status   []string `toml:"status"`   // "535", "NO", or "4xx" for a class
	Code     []string `toml:"code"`     // IMAP or POP3 response code; "" is none
	Enhanced []string `toml:"enhanced"` // "5.7.8", "5.7.*" for a group; "" is none

	All  []string `toml:"all"`  // phrases (see phrase.go) that all stand in the text
	Any  []string `toml:"any"`  // of which one does
	None []string `toml:"none"` // of which none does
	// Exact are words as they stand, in capitals or not, of which one does.
	Exact []string `toml:"exact"`
	// Vague words or codes say what was refused, not why ("authentication
	// failed"): they give way to those that say why.
	Vague bool `toml:"vague"`
	// Dialect is for words that one kind of server has for a cause, whatever
	// others mean by the like: what a text reads like is no argument against it.
	Dialect bool `toml:"dialect"`
	// Family is a rule that goes by notions: it answers where no sentence is
	// known, and is a second opinion where one is.
	Family bool `toml:"family"`
	// Lead is what the rule counts more than its letters, where some notions
	// together say more than others.
	Lead int `toml:"lead"`
	// Sign is a word that somebody has for this one thing alone ("HL:REP",
	// "AADSTS50053"): it goes before all other words.
	Sign bool `toml:"sign"`

	Mechanism string          `toml:"mechanism"` // "token" or "password"
	Provider  []string        `toml:"provider"`  // IDs of package provider, or of voices.toml
	Software  []string        `toml:"software"`  // IDs of voices.toml
	Security  report.Security `toml:"security"`
	Port      []int           `toml:"port"`

	Cause      report.Cause      `toml:"cause"`
	Confidence report.Confidence `toml:"confidence"`
	Also       []string          `toml:"also"`      // other causes: "auth.token_expired medium"
	Temporary  bool              `toml:"temporary"` // trying later may help, whatever the status says
	Lasting    bool              `toml:"lasting"`   // it does not, whatever the status says
	Source     string            `toml:"source"`    // where the wording is from
	Examples   []string          `toml:"examples"`  // real replies that this rule decides

	all, any, none wording
	loose          bool // it goes by notions, not by sentences alone
	class          class
	others         []report.Alternative
}

// voice is how a provider or a program is known by its words.
type voice struct {
	ID        string   `toml:"id"`
	Name      string   `toml:"name"`      // for people
	Providers []string `toml:"providers"` // IDs of package provider that it stands for
	Any       []string `toml:"any"`       // phrases that nobody else says

	any wording
}

// prepare reads the words of a voice.
func (v *voice) prepare() (err error) {
	v.any, err = wordingOf(v.Any)
	return err
}

// near is what a cause is taken for, the likeliest first.
type near struct {
	Cause report.Cause   `toml:"cause"`
	Also  []report.Cause `toml:"also"`
}

// book is all rules and voices, the notions that they name, and what is
// near to each cause.
type book struct {
	notions []*notion
	rules   []*rule
	voices  []*voice
	near    map[report.Cause][]report.Alternative
}

//go:embed rules/*.toml
var ruleFiles embed.FS

// rulebook reads the embedded files, once. A file that is wrong would be left
// out; a test holds each one to the form.
var rulebook = sync.OnceValues(func() (*book, error) { return loadRules(ruleFiles) })

// ruleFile is what stands in a file of rules.
type ruleFile struct {
	Rule   []*rule   `toml:"rule"`
	Voice  []*voice  `toml:"voice"`
	Near   []*near   `toml:"near"`
	Notion []*notion `toml:"notion"`
}

// loadRules reads rules/*.toml, side by side: they are thousands of phrases.
func loadRules(files fs.FS) (*book, error) {
	names, err := fs.Glob(files, "rules/*.toml")
	read := make([]ruleFile, len(names))
	errs := make([]error, len(names))
	var wait sync.WaitGroup
	for i, name := range names {
		wait.Go(crash.Guard(context.Background(), func() { read[i], errs[i] = loadFile(files, name) }))
	}
	wait.Wait()
	b := &book{near: map[report.Cause][]report.Alternative{}}
	for _, file := range read {
		b.notions = append(b.notions, file.Notion...)
		b.rules = append(b.rules, file.Rule...)
		b.voices = append(b.voices, file.Voice...)
		for _, n := range file.Near {
			for _, cause := range n.Also {
				b.near[n.Cause] = append(b.near[n.Cause], report.Alternative{Cause: cause, Confidence: report.Low})
			}
		}
	}
	exists := map[string]bool{}
	for _, n := range b.notions {
		exists[n.ID] = true
	}
	for _, r := range b.rules {
		for _, w := range []*wording{&r.all, &r.any, &r.none} {
			errs = append(errs, w.check(r.ID, exists))
		}
	}
	return b, errors.Join(append(errs, err)...)
}

// loadFile reads one file. What it does not know is an error: a misspelt field
// would otherwise be a condition that is silently missing. What is wrong is
// left out.
func loadFile(files fs.FS, name string) (ruleFile, error) {
	var file ruleFile
	text, err := files.Open(name)
	if err != nil {
		return file, err
	}
	defer text.Close()
	if err := toml.NewDecoder(text).DisallowUnknownFields().Decode(&file); err != nil {
		return ruleFile{}, fmt.Errorf("%s: %w", name, explained(err))
	}
	var errs []error
	wrong := func(what, id string, err error) bool {
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %s %s: %w", name, what, id, err))
		}
		return err != nil
	}
	file.Notion = slices.DeleteFunc(file.Notion, func(n *notion) bool { return wrong("notion", n.ID, n.prepare()) })
	file.Rule = slices.DeleteFunc(file.Rule, func(r *rule) bool { return wrong("rule", r.ID, r.prepare()) })
	file.Voice = slices.DeleteFunc(file.Voice, func(v *voice) bool { return wrong("voice", v.ID, v.prepare()) })
	return file, errors.Join(errs...)
}

// explained gives an error of the TOML reader the place that it is about.
func explained(err error) error {
	var unknown *toml.StrictMissingError
	if errors.As(err, &unknown) {
		return fmt.Errorf("%w\n%s", err, unknown.String())
	}
	var wrong *toml.DecodeError
	if errors.As(err, &wrong) {
		return fmt.Errorf("%w\n%s", err, wrong.String())
	}
	return err
}

// prepare reads the parts of a rule that have a form of their own.
func (r *rule) prepare() error {
	var err [3]error
	r.all, err[0] = wordingOf(r.All)
	r.any, err[1] = wordingOf(r.Any)
	r.none, err[2] = wordingOf(r.None)
	if err := errors.Join(err[:]...); err != nil {
		return err
	}
	if len(r.all.phrases) != len(r.All) || slices.ContainsFunc(r.all.phrases, phrase.open) {
		return errors.New("alternatives belong into any")
	}
	r.loose = slices.ContainsFunc(r.any.phrases, func(p phrase) bool { return p.notions })
	r.class = r.classOf()
	for _, text := range r.Also {
		cause, confidence, ok := strings.Cut(text, " ")
		if !ok {
			return fmt.Errorf("also: %q has no confidence", text)
		}
		r.others = append(r.others, report.Alternative{Cause: report.Cause(cause), Confidence: report.Confidence(confidence)})
	}
	return nil
}
