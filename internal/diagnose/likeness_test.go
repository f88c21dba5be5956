package diagnose

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"mailcheck/internal/likeness"
	"mailcheck/report"
)

// lesson is a text that the model of package likeness has read.
type lesson struct {
	Protocol, Step, Text string
	Cause                report.Cause
	Times                int // how often it is given; 0 is once
}

// corpus are the lessons, and their digest.
func corpus(t *testing.T) (lessons []lesson, digest string) {
	t.Helper()
	sum := sha256.New()
	for _, name := range []string{"real.jsonl", "made.jsonl"} {
		text, err := os.ReadFile(filepath.Join("..", "likeness", "corpus", name))
		if err != nil {
			t.Fatal(err)
		}
		sum.Write(text)
		for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
			var l lesson
			if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if !isCause(l.Cause) {
				t.Fatalf("%s: there is no cause %q", name, l.Cause)
			}
			lessons = append(lessons, l)
		}
	}
	return lessons, hex.EncodeToString(sum.Sum(nil))
}

// trained is the model of these lessons. Each is given twice: a reply is often
// pasted without the place where it came.
func trained(lessons []lesson) *likeness.Model {
	var samples []likeness.Sample
	for _, l := range lessons {
		for _, h := range []heard{unwrap(l.Text, l.Protocol, l.Step), unwrap(l.Text, "", "")} {
			sample := likeness.Sample{Text: h.asText(), Cause: l.Cause}
			samples = append(samples, slices.Repeat([]likeness.Sample{sample}, max(l.Times, 1))...)
		}
	}
	return likeness.Train(samples)
}

// The model is made of the corpus as it stands; -update makes it anew.
func TestModel(t *testing.T) {
	path := filepath.Join("..", "likeness", "model.gob.gz")
	lessons, digest := corpus(t)
	if *update {
		m := trained(lessons)
		m.Corpus = digest
		var packed bytes.Buffer
		if err := m.Save(&packed); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, packed.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	m, err := likeness.Load(f)
	if err != nil {
		t.Fatal(err)
	}
	if m.Corpus != digest {
		t.Error("the corpus has changed: go test ./internal/diagnose -run TestModel -update")
	}
}

// Where no rule is certain, what a text reads like is weighed; it says so, and
// never that it is certain.
func TestReread(t *testing.T) {
	for name, tt := range map[string]struct {
		protocol, step, text string
		want                 report.Cause
		likeness             bool // decided
	}{
		"a certain rule":    {"smtp", "rcpt", "550 5.1.1 User unknown", report.SubmitRecipientUnknown, false},
		"no word is known":  {"smtp", "", "550 xyzzy plugh", report.SubmitRecipientUnknown, false},
		"nothing of mail":   {"", "", "The quick brown fox jumps over the lazy dog", report.Unknown, false},
		"words like others": {"smtp", "rcpt", "554 5.7.1 This mailbox sends notices and never receives incoming mail", report.SubmitRecipientDisabled, true},
	} {
		t.Run(name, func(t *testing.T) {
			a := Explain(Question{Text: tt.text, Protocol: tt.protocol, Step: tt.step})
			if a.Cause != tt.want {
				t.Errorf("%s, %s, %v", a.Cause, a.Confidence, a.Matched)
			}
			if got := a.Matched != nil && a.Matched.Rule == report.ByLikeness; got != tt.likeness || got && a.Confidence == report.High {
				t.Errorf("%v, %s", a.Matched, a.Confidence)
			}
		})
	}
}
