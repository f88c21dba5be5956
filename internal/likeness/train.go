package likeness

import (
	"maps"
	"math"
	"math/rand/v2"
	"slices"

	"mailcheck/report"
)

// Sample is a text whose cause is known.
type Sample struct {
	Text
	Cause report.Cause
}

// How a model is made. The numbers were chosen by the share of texts that it had
// not read and read rightly.
const (
	seldom   = 4   // a feature counts from so many samples on; of the corpus, each text is two
	passes   = 20  // over all samples
	rate     = 0.3 // of learning, at first
	penalty  = 0.1 // for great weights: the square of each, halved, a pass
	greatest = 127 // what a weight is rounded to
)

// Train makes a model of samples, always the same of the same ones.
func Train(samples []Sample) *Model {
	t := newTraining(samples)
	order := make([]int, len(samples))
	for i := range order {
		order[i] = i
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range passes {
		random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for _, i := range order {
			t.learn(i)
		}
	}
	return t.model()
}

// training is a model while it learns, by stochastic gradient descent with a
// rate for each weight (J. Duchi et al., Adaptive Subgradient Methods, 2011).
type training struct {
	causes   []report.Cause
	known    map[string]int // the place of each
	weights  [][]float64    // of a feature, by the cause
	moved    [][]float64    // how much each has been moved, squared
	decay    []float64      // of the weights of a feature, each time it is met
	features [][]weighted   // of each sample
	truth    []int          // the cause of each sample
	scores   []float64
}

// weighted is a feature of a sample.
type weighted struct {
	place int
	value float64
}

// always is a feature that each sample has; its weights are the bias.
const always = 0

func newTraining(samples []Sample) *training {
	t := &training{known: map[string]int{}, decay: []float64{penalty / float64(len(samples))}}
	count := map[string]int{}
	for _, s := range samples {
		for _, f := range s.features() {
			count[f.name]++
		}
		if !slices.Contains(t.causes, s.Cause) {
			t.causes = append(t.causes, s.Cause)
		}
	}
	slices.Sort(t.causes)
	for _, s := range samples {
		of := []weighted{{always, 1}}
		for _, f := range s.features() {
			if count[f.name] < seldom {
				continue
			}
			if _, ok := t.known[f.name]; !ok {
				t.known[f.name] = len(t.decay)
				t.decay = append(t.decay, penalty/float64(count[f.name]))
			}
			of = append(of, weighted{t.known[f.name], f.value})
		}
		t.features = append(t.features, of)
		t.truth = append(t.truth, slices.Index(t.causes, s.Cause))
	}
	t.weights, t.moved = make([][]float64, len(t.decay)), make([][]float64, len(t.decay))
	for i := range t.decay {
		t.weights[i], t.moved[i] = make([]float64, len(t.causes)), make([]float64, len(t.causes))
	}
	t.scores = make([]float64, len(t.causes))
	return t
}

// learn moves the weights of a sample's features towards its cause.
func (t *training) learn(sample int) {
	clear(t.scores)
	for _, f := range t.features[sample] {
		for c, w := range t.weights[f.place] {
			t.scores[c] += f.value * w
		}
	}
	softmax(t.scores)
	t.scores[t.truth[sample]]--
	for _, f := range t.features[sample] {
		weights, moved := t.weights[f.place], t.moved[f.place]
		for c, wrong := range t.scores {
			step := wrong*f.value + t.decay[f.place]*weights[c]
			moved[c] += step * step
			weights[c] -= rate * step / (1e-6 + math.Sqrt(moved[c]))
		}
	}
}

// model rounds the weights.
func (t *training) model() *Model {
	m := &Model{Causes: t.causes, Bias: t.weights[always], Features: slices.Sorted(maps.Keys(t.known))}
	for _, weights := range t.weights[always+1:] {
		for _, w := range weights {
			m.Unit = max(m.Unit, math.Abs(w)/greatest)
		}
	}
	for _, name := range m.Features {
		for _, w := range t.weights[t.known[name]] {
			m.Weights = append(m.Weights, byte(int8(math.Round(w/m.Unit))))
		}
	}
	return m
}
