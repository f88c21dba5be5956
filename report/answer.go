package report

// AnswerSchema names the version of the form of [Answer].
const AnswerSchema = "mailcheck/explain/v1"

// Answer is what a reply or an error means that somebody has pasted. Nothing
// in it repeats a mail address, a secret or a long opaque word of what was
// pasted.
type Answer struct {
	Schema       string        `json:"schema"`
	Cause        Cause         `json:"cause"`
	Title        string        `json:"title"`
	Explanation  string        `json:"explanation"`
	Advice       []string      `json:"advice"`
	Confidence   Confidence    `json:"confidence"`
	Matched      *Matched      `json:"matched,omitempty"`      // nil when no rule fits
	Alternatives []Alternative `json:"alternatives,omitempty"` // at most four, the likeliest first

	// What the text was read as; empty where that could not be told. Protocol
	// and Step are those of a question, Speaker is whose words they are, a name
	// for people.
	Protocol string `json:"-"`
	Step     string `json:"-"`
	Speaker  string `json:"-"`
	// Others are the alternatives, for people.
	Others []Other `json:"-"`
	// Lines are what was pasted, masked and bounded.
	Lines []string `json:"-"`
}

// ByLikeness stands for a rule where none knows the sentence, and its words are
// like those of others with that cause.
const ByLikeness = "likeness"

// Matched is why an answer was chosen.
type Matched struct {
	Rule string `json:"rule"`
	Text string `json:"text"` // the codes and words that decided; nothing else of what was pasted
}

// Other is another cause that fits the same words.
type Other struct {
	Cause Cause
	Title string
	Ask   string // a question whose answer tells; empty for none
}
