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
}

// knownReplies reads the file, but for replies whose cause is not settled.
func knownReplies(t testing.TB) []knownReply {
	t.Helper()
	f, err := os.Open(*repliesFile)
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
		t.Fatalf("%s holds no replies", *repliesFile)
	}
	return all
}

// The shares of replies that are explained rightly, in the ways that they may
// be asked about. Those that are not are printed with -v.
func TestKnownReplies(t *testing.T) {
	replies := knownReplies(t)
	for _, tt := range []struct {
		name                string
		asked               func(knownReply) Question
		first, ranked, sure float64 // the least shares
	}{
		{"protocol and step", func(r knownReply) Question {
			return Question{Text: r.Response, Protocol: r.Protocol, Step: r.Step}
		}, 0.95, 0.99, 0.97},
		{"text alone", func(r knownReply) Question {
			return Question{Text: r.Response}
		}, 0.90, 0.94, 0.97},
		{"protocol, step and provider", func(r knownReply) Question {
			p, _ := provider.Find(r.Provider)
			return Question{Text: r.Response, Protocol: r.Protocol, Step: r.Step, Provider: p}
		}, 0.95, 0.99, 0.97},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var first, ranked, sure, sureAndRight int
			for _, r := range replies {
				a := Explain(tt.asked(r))
				right := a.Cause == r.Cause
				among := right || slices.ContainsFunc(a.Alternatives, func(o report.Alternative) bool { return o.Cause == r.Cause })
				first += count(right)
				ranked += count(among)
				sure += count(a.Confidence == report.High)
				sureAndRight += count(right && a.Confidence == report.High)
				if !right {
					t.Logf("%s %s %s: %s, got %s (%s) %v by %s, among them: %v\n\t%q",
						r.ID, r.Protocol, r.Step, r.Cause, a.Cause, a.Confidence, a.Alternatives, ruleOf(a), among, r.Response)
				}
			}
			all := len(replies)
			t.Logf("%d replies: first %s, ranked %s; %d are sure, %s of them right", all,
				portion(first, all), portion(ranked, all), sure, portion(sureAndRight, sure))
			for _, s := range []struct {
				what     string
				n, of    int
				expected float64
			}{{"first", first, all, tt.first}, {"ranked", ranked, all, tt.ranked}, {"sure and right", sureAndRight, sure, tt.sure}} {
				if float64(s.n) < s.expected*float64(s.of) {
					t.Errorf("%s: %s, want at least %.0f %%", s.what, portion(s.n, s.of), 100*s.expected)
				}
			}
		})
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
