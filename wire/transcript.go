package wire

import (
	"fmt"
	"strings"
	"sync"
)

// Direction is who said a line.
type Direction string

// The directions, as a transcript shows them.
const (
	Sent     Direction = "C: "
	Received Direction = "S: "
)

// Transcript is the dialogue of one connection as a person reads it. The zero
// value is ready; a nil *Transcript keeps nothing.
type Transcript struct {
	// Scrub masks secrets that a server echoes on one line; nil masks none.
	// Whoever shows the lines together masks what is told over several.
	Scrub func(string) string

	mu    sync.Mutex
	lines []string
}

// Lines returns what was said, each line with its "C: " or "S: ".
func (t *Transcript) Lines() []string {
	if t == nil {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]string(nil), t.lines...)
}

func (t *Transcript) add(d Direction, line string) {
	if t == nil || t.full() {
		return
	}
	if t.Scrub != nil {
		line = t.Scrub(line)
	}
	if len(line) > maxShown {
		line = strings.ToValidUTF8(line[:maxShown], "") + " ..."
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case len(t.lines) < maxTranscript:
		t.lines = append(t.lines, string(d)+line)
	case len(t.lines) == maxTranscript:
		t.lines = append(t.lines, string(d)+"[the rest is left out]")
	}
}

// full tells whether nothing more is kept.
func (t *Transcript) full() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.lines) > maxTranscript
}

func (t *Transcript) addLiteral(n int) { t.add(Received, fmt.Sprintf("[%d bytes]", n)) }

func (t *Transcript) addData(n int, what string) {
	t.add(Sent, fmt.Sprintf("[%d bytes: %s]", n, what))
}
