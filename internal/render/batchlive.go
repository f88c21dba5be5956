package render

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"mailcheck/internal/crash"
	"mailcheck/report"
)

// estimateAfter is how long a batch runs before it says how long it will: the
// first accounts end together.
const estimateAfter = 3 * time.Second

// BatchLive shows a batch while it goes on: on a terminal one line, redrawn in
// place; elsewhere a plain line an account. Its methods may be called by several
// goroutines.
type BatchLive struct {
	opt   LiveOptions
	total int
	began time.Time

	mu      sync.Mutex
	running int
	ended   int
	failed  int
	shown   string // that stands on the terminal
	out     io.Writer
	stop    chan struct{}
	stopped sync.Once
	redrawn func() // waits for the goroutine that redraws
}

// NewBatchLive begins the live output for so many accounts. Stop ends it.
func NewBatchLive(opt LiveOptions, total int) *BatchLive {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	l := &BatchLive{opt: opt, total: total, began: opt.Now(), out: opt.Out, stop: make(chan struct{}), redrawn: func() {}}
	if opt.Width != nil {
		l.draw()
		l.redrawn = crash.Aside(l.redraw)
	}
	return l
}

// Begin counts an account that begins.
func (l *BatchLive) Begin() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.running++
}

// End counts an account that ends, and has write put its result on stdout, which
// may be the same terminal.
func (l *BatchLive) End(a Account, write func() error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.running--
	l.ended++
	if a.Result == report.Fail {
		l.failed++
	}
	if l.opt.Width == nil {
		_, _ = io.WriteString(l.out, l.line(a))
		return write()
	}
	l.erase()
	err := write()
	l.draw()
	return err
}

// line tells of an account for a log.
func (l *BatchLive) line(a Account) string {
	p := &page{Tag: l.opt.Lang}
	word := resultWords[a.Result]
	if l.opt.Color {
		word = paint(word, a.Result)
	}
	parts := []string{l.opt.Now().Format("15:04:05.000"), word, fmt.Sprintf("%d/%d", l.ended, l.total), a.who(), p.seconds(a.Took)}
	if a.Result != report.OK {
		parts = append(parts, a.what())
	}
	return strings.TrimRight(strings.Join(parts, " "), " ") + "\n"
}

// Stop ends the live output for good and takes its line off the terminal.
func (l *BatchLive) Stop() {
	l.stopped.Do(func() { close(l.stop) })
	l.redrawn()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.erase()
	l.out = io.Discard
}

func (l *BatchLive) redraw() {
	onTicks(l.stop, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.draw()
	})
}

// draw brings the line up to date, a cell shorter than the terminal. The lock is
// held.
func (l *BatchLive) draw() {
	width := l.opt.Width()
	if width < 1 {
		width = columns
	}
	if line := cut(l.progress(), width-1); line != l.shown {
		_, _ = io.WriteString(l.out, "\r"+line+"\x1b[K")
		l.shown = line
	}
}

// erase takes the line away. The lock is held.
func (l *BatchLive) erase() {
	if l.shown != "" {
		_, _ = io.WriteString(l.out, "\r\x1b[K")
		l.shown = ""
	}
}

// progress says how far the batch is.
func (l *BatchLive) progress() string {
	p := &page{Tag: l.opt.Lang}
	parts := []string{p.Say("accounts: %d of %d", l.ended, l.total), p.Say("%d running", l.running), p.Say("%d failed", l.failed)}
	if took := l.opt.Now().Sub(l.began); l.ended > 0 && took >= estimateAfter {
		rest := took * time.Duration(l.total-l.ended) / time.Duration(l.ended)
		parts = append(parts, p.Say("about %s left", p.lasting(rest.Round(time.Second))))
	}
	return strings.Join(parts, ", ")
}
