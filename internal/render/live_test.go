package render

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"mailcheck/report"
)

// terminal interprets what live output needs of a terminal: CR, LF, CUU, EL,
// ED and SGR. A line that would wrap is an error.
type terminal struct {
	t      *testing.T
	mu     sync.Mutex
	width  int
	lines  [][]rune
	row    int
	col    int
	writes int
}

func (v *terminal) Write(p []byte) (int, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.writes++
	s := string(p)
	for s != "" {
		for v.row >= len(v.lines) {
			v.lines = append(v.lines, nil)
		}
		if rest, ok := strings.CutPrefix(s, "\x1b["); ok {
			end := strings.IndexAny(rest, "AKJm")
			if end < 0 {
				v.t.Errorf("an unknown sequence: %q", s)
				return len(p), nil
			}
			v.control(rest[:end], rest[end])
			s = rest[end+1:]
			continue
		}
		r := []rune(s)[0]
		s = s[len(string(r)):]
		switch r {
		case '\r':
			v.col = 0
		case '\n':
			v.row++
		default:
			v.lines[v.row] = append(v.lines[v.row][:min(v.col, len(v.lines[v.row]))], append([]rune{r}, v.lines[v.row][min(v.col+1, len(v.lines[v.row])):]...)...)
			v.col++
			if cells(string(v.lines[v.row])) >= v.width {
				v.t.Errorf("the line reaches the edge: %q", string(v.lines[v.row]))
			}
		}
	}
	return len(p), nil
}

func (v *terminal) control(argument string, final byte) {
	switch final {
	case 'A':
		var n int
		if _, err := fmt.Sscan(argument, &n); err != nil || n > v.row {
			v.t.Errorf("up by %q from line %d", argument, v.row)
		}
		v.row -= n
	case 'K':
		v.lines[v.row] = v.lines[v.row][:min(v.col, len(v.lines[v.row]))]
	case 'J':
		v.lines = v.lines[:v.row+1]
		v.lines[v.row] = v.lines[v.row][:min(v.col, len(v.lines[v.row]))]
	}
}

// resize gives the terminal another width. It is empty then, as one that
// breaks its lines anew cannot be foretold.
func (v *terminal) resize(width int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.width, v.lines, v.col = width, nil, 0
}

func (v *terminal) columns() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.width
}

// drawn is how often something was written.
func (v *terminal) drawn() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.writes
}

// screen is what stands there.
func (v *terminal) screen() string {
	v.mu.Lock()
	defer v.mu.Unlock()
	var lines []string
	for _, l := range v.lines {
		lines = append(lines, string(l))
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}

func (v *terminal) shows(t *testing.T, want string) {
	t.Helper()
	if got := v.screen(); got != strings.Trim(want, "\n") {
		t.Errorf("the terminal shows\n%s\nwant\n%s", got, strings.Trim(want, "\n"))
	}
}

func onTerminal(t *testing.T, opt LiveOptions) (*Live, *terminal) {
	v := &terminal{t: t, width: 80}
	opt.Out = v
	opt.Width = v.columns
	if opt.Checks == nil {
		opt.Checks = []string{"settings", "imap", "smtp", "delivery"}
	}
	return NewLive(opt), v
}

func observed(l *Live) *report.Log {
	return &report.Log{Observe: l.Observe, StepTimeout: func(step string) time.Duration {
		if step == "arrive" {
			return time.Minute
		}
		return 0
	}}
}

var smtpEndpoint = &report.Endpoint{Protocol: report.SMTP, Host: "smtp.office365.com", Port: 587, Security: report.STARTTLS, Source: "srv"}

// takes is a step that is ok after a while.
func takes(d time.Duration) func(context.Context, *report.Step) error {
	return func(context.Context, *report.Step) error { time.Sleep(d); return nil }
}

func refuses(d time.Duration) func(context.Context, *report.Step) error {
	return func(_ context.Context, s *report.Step) error {
		time.Sleep(d)
		s.Cause = "auth.smtp_auth_disabled"
		return &report.ReplyError{Reply: report.Reply{Status: "535", Enhanced: "5.7.139", Text: "no"}}
	}
}

func TestLiveLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, v := onTerminal(t, LiveOptions{})
		defer l.Stop()
		v.shows(t, `
...   settings
...   imap
...   smtp
...   delivery
`)
		log := observed(l)
		settings := log.Check("settings", nil)
		_ = settings.Run(t.Context(), "srv", takes(400*time.Millisecond))
		smtp := log.Check("smtp", smtpEndpoint)
		_ = smtp.Run(t.Context(), "connect", takes(20*time.Millisecond))
		var login sync.WaitGroup
		login.Go(func() { _ = smtp.Run(t.Context(), "auth", refuses(5*time.Second)) })
		go func() { _ = log.Check("delivery", nil).Run(t.Context(), "arrive", takes(60*time.Second)) }()
		time.Sleep(3200 * time.Millisecond)
		v.shows(t, `
ok    settings
...   imap
...   smtp      smtp.office365.com:587  auth 3 s
...   delivery  arrive 3 of 60 s
`)
		time.Sleep(5 * time.Second)
		login.Wait()
		smtp.SkipRest([]string{"mail", "rcpt", "data", "quit"}, "")
		again := *smtpEndpoint
		again.Port = 465
		go func() { _ = log.Check("smtp#2", &again).Run(t.Context(), "connect", takes(15*time.Second)) }()
		time.Sleep(2 * redrawEvery)
		v.shows(t, `
ok    settings
...   imap
FAIL  smtp      smtp.office365.com:587  auth
...   smtp#2    smtp.office365.com:465  connect
...   delivery  arrive 8 of 60 s
`)
		time.Sleep(time.Minute)
		l.Stop()
		v.shows(t, "")
	})
}

// A check with steps side by side names all that run, and is over only while
// none does.
func TestLiveSideBySide(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, v := onTerminal(t, LiveOptions{Checks: []string{"dns"}})
		defer l.Stop()
		dns := observed(l).Check("dns", nil)
		for i, name := range []string{"a.example", "b.example"} {
			go func() {
				_ = dns.RunSubject(t.Context(), "host", name, takes(time.Duration(1+2*i)*time.Second))
			}()
			synctest.Wait()
		}
		time.Sleep(500 * time.Millisecond)
		v.shows(t, `...   dns       host a.example, host b.example`)
		time.Sleep(time.Second)
		v.shows(t, `...   dns       host b.example 1 s`)
		time.Sleep(2 * time.Second)
		v.shows(t, `ok    dns`)
	})
}

func TestLiveIsNotRedrawnTooOften(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, v := onTerminal(t, LiveOptions{})
		defer l.Stop()
		imap := observed(l).Check("imap", nil)
		for i := range 1000 { // in one second
			_ = imap.Run(t.Context(), fmt.Sprintf("step%d", i), takes(time.Millisecond))
		}
		if most := int(time.Second/redrawEvery) + 2; v.drawn() > most {
			t.Errorf("drawn %d times in a second, want %d at most", v.drawn(), most)
		}
		time.Sleep(2 * redrawEvery)
		idle := v.drawn()
		time.Sleep(time.Minute)
		if v.drawn() != idle {
			t.Errorf("drawn %d times while nothing happened", v.drawn()-idle)
		}
	})
}

func TestLiveNeverWraps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, v := onTerminal(t, LiveOptions{Color: true})
		defer l.Stop()
		endpoint := *smtpEndpoint
		endpoint.Host = "メール" + evil + strings.Repeat("x", 300)
		smtp := observed(l).Check("smtp", &endpoint)
		_ = smtp.RunSubject(t.Context(), "connect", evil, takes(time.Second))
		_ = smtp.Run(t.Context(), "quit", refuses(time.Second))
		for _, width := range []int{40, 17, 7, 3, 2} { // the terminal tests each line
			v.resize(width)
			time.Sleep(2 * redrawEvery)
		}
	})
}

func TestLiveColor(t *testing.T) {
	var b bytes.Buffer
	l := NewLive(LiveOptions{Out: &b, Width: func() int { return 0 }, Color: true, Checks: []string{"creds"}})
	log := observed(l)
	_ = log.Check("creds", nil).Run(t.Context(), "password", takes(0))
	l.Suspend()
	l.Resume() // draws
	l.Stop()
	if want := "\x1b[32mok\x1b[m    creds"; !strings.Contains(b.String(), want) {
		t.Errorf("%q is not in %q", want, b.String())
	}
}

func TestLiveSuspended(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, v := onTerminal(t, LiveOptions{Checks: []string{"creds"}})
		defer l.Stop()
		l.Suspend()
		v.shows(t, "")
		fmt.Fprint(v, "Password: ")
		before := v.drawn()
		_ = observed(l).Check("creds", nil).Run(t.Context(), "password", takes(time.Minute))
		if v.drawn() != before {
			t.Errorf("drawn %d times over the question", v.drawn()-before)
		}
		fmt.Fprint(v, "\r\n")
		l.Resume()
		v.shows(t, "Password: \nok    creds")
	})
}

func TestLiveStopsTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // which also finds a goroutine that is left
		l, v := onTerminal(t, LiveOptions{})
		l.Stop()
		l.Stop()
		l.Observe(report.Event{Check: "imap", Ended: true})
		l.Suspend()
		l.Resume()
		v.shows(t, "")
	})
}

func TestLivePlain(t *testing.T) {
	var b bytes.Buffer
	l := NewLive(LiveOptions{Out: &b, Now: func() time.Time { return time.Date(2026, 11, 20, 12, 3, 7, 412e6, time.UTC) }})
	end := func(s report.Step) { l.Observe(report.Event{Check: "x", Ended: true, Step: s}) }
	l.Observe(report.Event{Check: "x", Step: report.Step{ID: "imap.connect"}})
	end(report.Step{ID: "imap.connect", Step: "connect", Result: report.OK, DurationMS: 9})
	end(report.Step{ID: "dns.host", Step: "host", Subject: "imap.example.com", Result: report.Warn, DurationMS: 12, Cause: report.DNSTimeout})
	end(report.Step{ID: "imap.greeting", Step: "greeting", Result: report.OK, Reply: &report.Reply{Status: "OK"}})
	l.Suspend()
	end(report.Step{ID: "smtp.auth", Step: "auth", Result: report.Fail, DurationMS: 5069, Cause: "auth.smtp_auth_disabled",
		Reply: &report.Reply{Status: "535", Enhanced: "5.7.139", Text: "no"}})
	if strings.Contains(b.String(), "smtp.auth") {
		t.Error("written over a question")
	}
	l.Resume()
	end(report.Step{ID: "smtp.mail", Step: "mail", Result: report.Skip, Because: "smtp.auth"})
	end(report.Step{ID: "smtp.data", Step: "data", Result: report.Skip, Because: report.ByFlags})
	end(report.Step{ID: "imap.auth", Step: "auth", Result: report.Fail, Subject: evil, Reply: &report.Reply{Status: "NO", Code: "X\x1b[m\n::y::"}})
	l.Stop()
	end(report.Step{ID: "late", Result: report.OK})
	want := `12:03:07.412 ok imap.connect 9 ms
12:03:07.412 warn dns.host imap.example.com 12 ms dns.timeout
12:03:07.412 ok imap.greeting 0 ms
12:03:07.412 FAIL smtp.auth 5069 ms auth.smtp_auth_disabled 535 5.7.139
12:03:07.412 skip smtp.mail because of smtp.auth
12:03:07.412 skip smtp.data not asked for
`
	got, hostile, _ := strings.Cut(b.String(), "12:03:07.412 FAIL imap.auth")
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if what := harmful(hostile); what != "" || strings.Count(hostile, "\n") != 1 {
		t.Errorf("%q has %s", hostile, what)
	}
}

func TestLiveFromManyGoroutines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, plain := range []bool{true, false} {
			l, v := onTerminal(t, LiveOptions{})
			if plain {
				l.Stop()
				l = NewLive(LiveOptions{Out: v})
			}
			v.resize(200)
			log := observed(l)
			var wg sync.WaitGroup
			for i := range 8 {
				wg.Go(func() {
					c := log.Check(fmt.Sprintf("check%d", i), nil)
					for range 50 {
						_ = c.Run(t.Context(), "step", takes(time.Duration(i)*time.Millisecond))
						l.Suspend()
						l.Resume()
					}
				})
			}
			wg.Wait()
			l.Stop()
		}
	})
}
