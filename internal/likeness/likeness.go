// Package likeness tells what a refusal reads like: which cause those have
// whose words are similar. Rules know sentences, and are silent or vague about
// one that nobody has written down yet; a model that has read thousands of
// refusals with their causes is not, and knows less of each. [Read] applies the
// model that comes with the program, [Train] makes one.
//
// The model is multinomial logistic regression over words (C. Bishop, Pattern
// Recognition and Machine Learning, section 4.3.4): the beginning of each word,
// and of each two neighbours, speaks for and against each cause with a weight.
// So it can say which words decided
// ([Words]). What it has read stands in the folder corpus: real.jsonl has
// refusals with their sources, made.jsonl wordings that were made up to say the
// same in other words.
package likeness

import (
	"bytes"
	"cmp"
	"compress/gzip"
	_ "embed" // for the model
	"encoding/gob"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"sync"

	"mailcheck/report"
)

// Model is how features of texts speak for their causes.
type Model struct {
	Causes   []report.Cause
	Bias     []float64 // of each cause, before anything is known
	Features []string  // in the order of their letters
	Weights  []byte    // of each feature in turn, an int8 for each cause
	Unit     float64   // what a weight of 1 is worth
	Corpus   string    // the digest of what the model has read
}

// weights are those of a feature, by the cause; nil for one that the model has
// not met.
func (m *Model) weights(feature string) []byte {
	i, met := slices.BinarySearch(m.Features, feature)
	if !met {
		return nil
	}
	return m.Weights[i*len(m.Causes) : (i+1)*len(m.Causes)]
}

// Reading is a cause that a text may have.
type Reading struct {
	Cause       report.Cause
	Probability float64
}

//go:embed model.gob.gz
var embedded []byte

// trained is the embedded model. A test holds it to its form.
var trained = sync.OnceValues(func() (*Model, error) { return Load(bytes.NewReader(embedded)) })

// Read tells what a text reads like, the likeliest cause first, by the model
// that comes with the program. It is empty for a text of which hardly a word is
// known.
func Read(t Text) []Reading {
	m, err := trained()
	if err != nil {
		return nil
	}
	return m.Read(t)
}

// Load reads a model that [Model.Save] has written.
func Load(r io.Reader) (*Model, error) {
	plain, err := gzip.NewReader(r)
	if err != nil {
		return nil, err
	}
	m := &Model{}
	if err := gob.NewDecoder(plain).Decode(m); err != nil {
		return nil, err
	}
	if len(m.Bias) != len(m.Causes) {
		return nil, fmt.Errorf("%d causes and %d biases", len(m.Causes), len(m.Bias))
	}
	if len(m.Weights) != len(m.Features)*len(m.Causes) {
		return nil, fmt.Errorf("%d features of %d causes and %d weights", len(m.Features), len(m.Causes), len(m.Weights))
	}
	return m, nil
}

// Save writes the model.
func (m *Model) Save(w io.Writer) error {
	packed, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return err
	}
	if err := gob.NewEncoder(packed).Encode(m); err != nil {
		return err
	}
	return packed.Close()
}

// fewWords are those below which a text reads like nothing.
const fewWords = 3

// Read tells what a text reads like, the likeliest cause first.
func (m *Model) Read(t Text) []Reading {
	scores, words := slices.Clone(m.Bias), 0
	for _, f := range t.features() {
		weights := m.weights(f.name)
		if weights != nil && f.word != "" && !strings.Contains(f.word, " ") {
			words++
		}
		for c, w := range weights {
			scores[c] += f.value * m.Unit * float64(int8(w))
		}
	}
	if words < fewWords {
		return nil
	}
	softmax(scores)
	readings := make([]Reading, len(scores))
	for c, p := range scores {
		readings[c] = Reading{Cause: m.Causes[c], Probability: p}
	}
	slices.SortStableFunc(readings, func(a, b Reading) int { return cmp.Compare(b.Probability, a.Probability) })
	return readings
}

// known are the features of a text that the model has met.
func (m *Model) known(t Text) []feature {
	return slices.DeleteFunc(t.features(), func(f feature) bool { return m.weights(f.name) == nil })
}

// Words are those of a text that speak most for a cause, by the model that comes
// with the program: single ones or two neighbours, at most three, in the order of
// the text.
func Words(t Text, cause report.Cause) []string {
	m, err := trained()
	if err != nil {
		return nil
	}
	return m.Words(t, cause)
}

// maxWords bounds the words that are named for a cause.
const maxWords = 3

// Words are those of a text that speak most for a cause: single ones or two
// neighbours, at most three, in the order of the text.
func (m *Model) Words(t Text, cause report.Cause) []string {
	c := slices.Index(m.Causes, cause)
	if c < 0 {
		return nil
	}
	features := m.known(t)
	type vote struct {
		place  int
		weight int8
	}
	var votes []vote
	for i, f := range features {
		known := func(v vote) bool { return features[v.place].word == f.word }
		if w := int8(m.weights(f.name)[c]); f.word != "" && w > 0 && !slices.ContainsFunc(votes, known) {
			votes = append(votes, vote{i, w})
		}
	}
	slices.SortStableFunc(votes, func(a, b vote) int { return cmp.Compare(b.weight, a.weight) })
	votes = votes[:min(len(votes), maxWords)]
	slices.SortFunc(votes, func(a, b vote) int { return cmp.Compare(a.place, b.place) })
	words := make([]string, len(votes))
	for i, v := range votes {
		words[i] = features[v.place].word
	}
	return words
}

// softmax turns scores into probabilities.
func softmax(scores []float64) {
	most, sum := slices.Max(scores), 0.0
	for i, s := range scores {
		scores[i] = math.Exp(s - most)
		sum += scores[i]
	}
	for i := range scores {
		scores[i] /= sum
	}
}
