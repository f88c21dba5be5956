package render

import (
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"mailcheck/internal/lang"
	"mailcheck/report"
)

// screen is a block of lines at the bottom of a terminal, one a check. The
// cursor rests on the line below them.
type screen struct {
	opt   LiveOptions
	rows  []*row
	lines int    // that stand on the terminal
	shown string // as they were drawn
}

// row is what is known of a check.
type row struct {
	id      string
	server  string // host:port, clean; empty for a check without a server
	running []running
	result  report.Result // the worst so far
	worst   string        // the step that it comes from, clean
	ended   bool          // the step that ends such a check has ended
}

// running is a step that has begun.
type running struct {
	id, subject string
	name        string // for the reader, clean
	began       time.Time
	limit       time.Duration // of the step's own; zero: none
}

func newScreen(opt LiveOptions) *screen {
	s := &screen{opt: opt}
	for _, id := range opt.Checks {
		s.rows = append(s.rows, &row{id: id})
	}
	return s
}

// row returns the row of a check. That of a further candidate goes below the
// others of its protocol, that of any other new check to the end.
func (s *screen) row(id string) *row {
	at := len(s.rows)
	for i, r := range s.rows {
		if r.id == id {
			return r
		}
		if report.CheckKind(r.id) == report.CheckKind(id) {
			at = i + 1
		}
	}
	r := &row{id: id}
	s.rows = slices.Insert(s.rows, at, r)
	return r
}

func (s *screen) observe(e report.Event) {
	r := s.row(e.Check)
	if e.Endpoint != nil {
		r.server = Clean(net.JoinHostPort(e.Endpoint.Host, strconv.Itoa(e.Endpoint.Port)))
	}
	name := oneLine(Clean(stepName(&e.Step)))
	if !e.Ended {
		r.running = append(r.running, running{e.Step.ID, e.Step.Subject, name, s.opt.Now(), e.Limit})
		return
	}
	i := slices.IndexFunc(r.running, func(x running) bool { return x.id == e.Step.ID && x.subject == e.Step.Subject })
	if i >= 0 {
		r.running = slices.Delete(r.running, i, i+1)
	}
	if report.Worse(r.result, e.Step.Result) != r.result {
		r.result, r.worst = e.Step.Result, name
	}
	r.ended = r.ended || lastSteps[e.Step.Step]
}

// lastSteps are those that end the check of a session or of the delivery. Any
// other check is over while none of its steps runs.
var lastSteps = map[string]bool{"logout": true, "quit": true, "cleanup": true}

// text is the row as it is read.
func (r *row) text(now time.Time, t lang.Tag) (word, rest string) {
	session := r.server != "" || r.id == "delivery"
	over := len(r.running) == 0 && r.result != "" && (r.ended || !session)
	rest = pad(r.id, textColumn-idColumn-1) + " "
	if r.server != "" {
		rest += r.server + "  "
	}
	if over {
		if r.result == report.Warn || r.result == report.Fail {
			rest += r.worst
		}
		return resultWords[r.result], rest
	}
	var names []string
	for _, x := range r.running {
		names = append(names, x.name)
	}
	rest += strings.Join(names, ", ")
	if len(r.running) == 0 {
		return "...", rest
	}
	// The first is the one that has run longest.
	seconds := int(now.Sub(r.running[0].began) / time.Second)
	switch {
	case names[0] == "arrive" && r.running[0].limit > 0: // a wait says how long it may last
		rest += " " + t.Say("%d of %d s", seconds, int(r.running[0].limit/time.Second))
	case seconds > 0:
		rest += " " + t.Say("%d s", seconds)
	}
	return "...", rest
}

// draw brings the terminal up to date. A line is a cell shorter than the
// terminal, because a full one may move the cursor to the next.
func (s *screen) draw() {
	width := s.opt.Width()
	if width < 1 {
		width = columns
	}
	var b strings.Builder
	for _, r := range s.rows {
		word, rest := r.text(s.opt.Now(), s.opt.Lang)
		line := strings.TrimRight(cut(pad(word, idColumn)+rest, width-1), " ")
		if s.opt.Color && word != "..." && len(line) >= len(word) {
			line = paint(word, r.result) + line[len(word):]
		}
		b.WriteString("\r" + line + "\x1b[K\n") // EL: what stood there longer
	}
	frame := b.String()
	if frame == s.shown {
		return
	}
	_, _ = io.WriteString(s.opt.Out, s.up()+frame)
	s.shown, s.lines = frame, len(s.rows)
}

// erase takes the lines away, and leaves the cursor where the first stood.
func (s *screen) erase() {
	if s.lines > 0 {
		_, _ = io.WriteString(s.opt.Out, s.up()+"\r\x1b[J") // ED: all below the cursor
	}
	s.shown, s.lines = "", 0
}

// up moves the cursor to the first line (CUU).
func (s *screen) up() string {
	if s.lines == 0 {
		return ""
	}
	return fmt.Sprintf("\x1b[%dA", s.lines)
}
