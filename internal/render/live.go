package render

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"mailcheck/internal/crash"
	"mailcheck/internal/lang"
	"mailcheck/report"
)

// redrawEvery is the time between two looks of the terminal: seconds count
// smoothly, and a slow line (ssh) is not flooded.
const redrawEvery = 100 * time.Millisecond

// LiveOptions shapes the live output.
type LiveOptions struct {
	Lang lang.Tag
	// Out takes the live output; it is standard error.
	Out io.Writer
	// Width is the present width of the terminal behind Out, in cells; 80
	// stands for a width below 1. A nil Width means that Out is no terminal.
	Width func() int
	// Checks are the ids of the checks whose lines stand from the start. Only
	// a terminal shows them.
	Checks []string
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Color paints result words.
	Color bool
}

// Live shows a run while it goes on. Its methods may be called by several
// goroutines.
type Live struct {
	mu        sync.Mutex
	opt       LiveOptions
	screen    *screen // nil: no terminal
	suspended int
	held      strings.Builder // plain lines that came while suspended
	stop      chan struct{}
	stopped   sync.Once
	redrawn   func() // waits for the goroutine that redraws
}

// NewLive begins the live output. Stop ends it.
func NewLive(opt LiveOptions) *Live {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	l := &Live{opt: opt, stop: make(chan struct{}), redrawn: func() {}}
	if opt.Width == nil {
		return l
	}
	l.screen = newScreen(opt)
	l.screen.draw()
	l.redrawn = crash.Aside(l.redraw)
	return l
}

// Observe takes in a step's beginning or end; it is meant for
// [report.Log].Observe.
func (l *Live) Observe(e report.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.screen != nil {
		l.screen.observe(e)
	} else if e.Ended {
		l.held.WriteString(l.stepLine(e.Step) + "\n")
		l.flush()
	}
}

// Suspend takes the lines off the terminal, so that a question can stand
// there. Nothing is written until Resume.
func (l *Live) Suspend() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.suspended++; l.screen != nil {
		l.screen.erase()
	}
}

// Resume undoes one Suspend.
func (l *Live) Resume() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.suspended--
	l.flush()
}

// Stop ends the live output for good and takes its lines off the terminal, so
// that the report can take their place. It may be called more than once.
func (l *Live) Stop() {
	l.stopped.Do(func() { close(l.stop) })
	l.redrawn()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.suspended = 0
	if l.screen == nil {
		l.flush()
	} else {
		l.screen.erase()
	}
	l.opt.Out, l.screen = io.Discard, nil
}

func (l *Live) redraw() {
	onTicks(l.stop, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.flush()
	})
}

// onTicks draws again and again, so that seconds go on where nothing happens,
// until stop is closed.
func onTicks(stop <-chan struct{}, draw func()) {
	tick := time.NewTicker(redrawEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			draw()
		case <-stop:
			return
		}
	}
}

// flush brings the output up to date, unless it is suspended. What cannot be
// written is lost; the report is what counts. It is called with the lock held.
func (l *Live) flush() {
	switch {
	case l.suspended > 0:
	case l.screen != nil:
		l.screen.draw()
	case l.held.Len() > 0:
		_, _ = io.WriteString(l.opt.Out, l.held.String())
		l.held.Reset()
	}
}

// stepLine tells of a step that ended, for a log: the time, the result, the
// step, how long it took, its cause, and the server's codes.
func (l *Live) stepLine(s report.Step) string {
	word := resultWords[s.Result]
	if l.opt.Color {
		word = paint(word, s.Result)
	}
	words := []string{s.ID, s.Subject}
	switch {
	case s.Result != report.Skip:
		words = append(words, fmt.Sprintf("%d ms", s.DurationMS))
	case s.Because == report.ByFlags:
		words = append(words, l.opt.Lang.Say("not asked for"))
	case s.Because != "":
		words = append(words, l.opt.Lang.Say("because of %s", s.Because))
	}
	words = append(append(words, string(s.Cause)), codes(s)...)
	words = slices.DeleteFunc(words, func(w string) bool { return w == "" })
	return l.opt.Now().Format("15:04:05.000") + " " + word + " " + oneLine(Clean(strings.Join(words, " ")))
}

// codes are a refusal in the server's numbers.
func codes(s report.Step) []string {
	if s.Reply == nil || s.Result == report.OK {
		return nil
	}
	return []string{s.Reply.Status, s.Reply.Code, s.Reply.Enhanced}
}
