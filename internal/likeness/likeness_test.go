package likeness

import (
	"bytes"
	"compress/gzip"
	"encoding/gob"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"mailcheck/report"
)

// lessons are texts of three causes, each twice.
func lessons() []Sample {
	var samples []Sample
	for cause, texts := range map[report.Cause][]string{
		report.SubmitRecipientQuota:   {"the mailbox is full", "this mailbox has no room left", "mailbox full, over its quota", "no room: the quota is used up"},
		report.SubmitRateLimited:      {"too many messages in an hour", "you send too fast, wait an hour", "messages come too fast", "too many messages, slow down"},
		report.SubmitRecipientUnknown: {"there is no such user here", "the user does not exist", "such a user is not known here", "that user does not exist here"},
	} {
		for _, text := range texts {
			sample := Sample{Text{Protocol: "smtp", Step: "rcpt", Status: "550", Words: text}, cause}
			samples = append(samples, sample, sample)
		}
	}
	slices.SortFunc(samples, func(a, b Sample) int { return strings.Compare(a.Words, b.Words) })
	return samples
}

// What was learnt from some texts holds for others that share their words.
func TestTrain(t *testing.T) {
	m := Train(lessons())
	for words, want := range map[string]report.Cause{
		"the room in this mailbox is used up":             report.SubmitRecipientQuota,
		"wait: you send too many messages":                report.SubmitRateLimited,
		"a user of this name does not exist in this zone": report.SubmitRecipientUnknown,
	} {
		readings := m.Read(Text{Protocol: "smtp", Step: "rcpt", Status: "550", Words: words})
		if len(readings) != 3 || readings[0].Cause != want {
			t.Errorf("%q: %v", words, readings)
			continue
		}
		total := 0.0
		for i, r := range readings {
			if total += r.Probability; i > 0 && r.Probability > readings[i-1].Probability {
				t.Errorf("%q: the likeliest is not the first: %v", words, readings)
			}
		}
		if math.Abs(total-1) > 1e-9 {
			t.Errorf("%q: the probabilities make %f", words, total)
		}
		decided := m.Words(Text{Words: words}, want)
		for _, w := range decided {
			if !strings.Contains(words, w) {
				t.Errorf("%q: %q is no word of it", words, w)
			}
		}
		if n := len(decided); n == 0 || n > maxWords {
			t.Errorf("%q: %d words decided", words, n)
		}
	}
	if words := m.Words(Text{Words: "the mailbox is full"}, report.DNSTimeout); words != nil {
		t.Errorf("%q speak for a cause that the model has not met", words)
	}
	if again := Train(lessons()); !reflect.DeepEqual(m, again) {
		t.Error("another time it is another model")
	}
}

// A text of unknown words reads like nothing, whatever its code.
func TestReadNothing(t *testing.T) {
	m := Train(lessons())
	for _, words := range []string{"", "xyzzy plugh", "mailbox xyzzy", "x@y.example https://user.example/mailbox-full 192.0.2.1"} {
		if readings := m.Read(Text{Protocol: "smtp", Step: "rcpt", Status: "550", Words: words}); readings != nil {
			t.Errorf("%q: %v", words, readings)
		}
	}
}

func TestWords(t *testing.T) {
	for text, want := range map[string]string{
		"550 5.7.1 <a@example.com>: no (relay), 192.0.2.1": "550 5.7.1 no relay",
		"see https://example.com/?p=1 now":                 "see now",
		"session 0123456789abcdef0123 ended":               "session ended",
		"接続が切れました":                                         "接続 続が が切 切れ れま まし した",
		"密":                                                "密",
		"почтовый ящик":                                    "почтовый ящик",
	} {
		if got := strings.Join(wordsOf(text), " "); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// A long text weighs as much as a short one.
func TestFeaturesWeighTheSame(t *testing.T) {
	for _, words := range []string{"full", "the mailbox is full and takes no more of your mail"} {
		var said, circumstances float64
		for _, f := range (Text{Protocol: "smtp", Step: "rcpt", Status: "550", Words: words}).features() {
			if f.word != "" {
				said += f.value * f.value
			} else {
				circumstances += f.value * f.value
			}
		}
		if math.Abs(said-1) > 1e-9 || math.Abs(circumstances-circumstantial*circumstantial) > 1e-9 {
			t.Errorf("%q: words %f, circumstances %f", words, said, circumstances)
		}
	}
}

func TestLoad(t *testing.T) {
	m := Train(lessons())
	var packed bytes.Buffer
	if err := m.Save(&packed); err != nil {
		t.Fatal(err)
	}
	if again, err := Load(&packed); err != nil || !reflect.DeepEqual(again, m) {
		t.Errorf("saved and loaded it is another: %v", err)
	}
	pack := func(m Model) string {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		if err := gob.NewEncoder(w).Encode(m); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	for name, text := range map[string]string{
		"not packed":       "model",
		"no model":         pack(Model{})[:20],
		"a bias too many":  pack(Model{Causes: m.Causes, Bias: make([]float64, 4)}),
		"a weight too few": pack(Model{Causes: m.Causes, Bias: m.Bias, Features: m.Features, Weights: m.Weights[1:]}),
	} {
		if _, err := Load(strings.NewReader(text)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// The model that comes with the program is whole, and knows the causes.
func TestEmbedded(t *testing.T) {
	m, err := trained()
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Causes) < 50 || len(m.Features) < 1000 {
		t.Errorf("%d causes, %d features", len(m.Causes), len(m.Features))
	}
	readings := Read(Text{Protocol: "smtp", Step: "rcpt", Status: "550", Words: "the postbox of this person holds all that it may hold and takes nothing in"})
	if len(readings) == 0 {
		t.Error("plain words read like nothing")
	}
}
