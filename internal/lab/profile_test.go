package lab

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/google/go-cmp/cmp"

	"mailcheck/report"
)

func TestProfileTable(t *testing.T) {
	name := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	profiles := map[string]bool{}
	for _, p := range Profiles() {
		if profiles[p.Name] || !name.MatchString(p.Name) {
			t.Errorf("%q is no name of its own", p.Name)
		}
		profiles[p.Name] = true
		if p.Title == "" || p.SignIn == "" || p.Notes == "" || len(p.Faults) == 0 || p.Sound.Name != "" {
			t.Errorf("%s: incomplete", p.Name)
		}
		faults := map[string]bool{}
		for _, s := range p.Faults {
			if faults[s.Name] || !name.MatchString(s.Name) {
				t.Errorf("%s: %q is no name of its own", p.Name, s.Name)
			}
			faults[s.Name] = true
			if s.Title == "" || strings.HasSuffix(s.Title, ".") || len(s.Title) > 78 {
				t.Errorf("%s, %s: title %q", p.Name, s.Name, s.Title)
			}
			if s.Headline == "" {
				t.Errorf("%s, %s: no headline is expected", p.Name, s.Name)
			}
			if (s.Result == report.Fail) != (s.ExitStatus != 0) || (s.Result == report.OK) != (s.Cause == "") || (s.Cause == "") != (s.Step == "") {
				t.Errorf("%s, %s: %s at %q because of %q, exit status %d", p.Name, s.Name, s.Result, s.Step, s.Cause, s.ExitStatus)
			}
			startLab(t, Options{Provider: p.Name, Fault: s.Name}) // the servers can say what they are to say
		}
	}
}

func TestProfileRefuses(t *testing.T) {
	for _, o := range []Options{{Provider: "no-such-provider"}, {Provider: "gmail", Fault: "smtp-login-refused"}} {
		if l, err := Start(t.Context(), o); err == nil {
			l.Close()
			t.Errorf("%+v: started", o)
		}
	}
}

// reach connects to a port of the lab as the program does.
func reach(ctx context.Context, t *testing.T, l *Lab, port int) (*client, error) {
	t.Helper()
	conn, err := l.DialContext(ctx, "tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return &client{t: t, lab: l, conn: conn, r: bufio.NewReader(conn)}, nil
}

// A profile has the provider's ports, whichever these are, and no others.
func TestProfilePorts(t *testing.T) {
	bridge := startLab(t, Options{Provider: "proton-bridge"})
	for _, port := range []int{1143, 1025} {
		c, err := reach(t.Context(), t, bridge, port)
		if err != nil {
			t.Fatal(err)
		}
		c.line() // a greeting in clear text
	}
	for _, port := range []int{25, 110, 143, 465, 587, 993, 995} {
		if _, err := reach(t.Context(), t, bridge, port); err == nil {
			t.Errorf("port %d is open", port)
		}
	}

	line := startLab(t, Options{Provider: "japanese-isp"})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := reach(ctx, t, line, 25); !errors.Is(err, context.Canceled) {
		t.Errorf("a blocked port: %v", err)
	}
	if c, err := reach(t.Context(), t, line, 587); err != nil {
		t.Error(err)
	} else {
		c.want("220 smtp.ocn.ne.jp")
	}
}

// What is a secret of each lab is filled into the flags, and a token is new for
// each.
func TestProfileFlags(t *testing.T) {
	bridge := startLab(t, Options{Provider: "proton-bridge"})
	if flags := bridge.Flags(); !slices.ContainsFunc(flags, regexp.MustCompile(`^[0-9a-f]{64}$`).MatchString) {
		t.Errorf("flags %q", flags)
	}
	one, other := startLab(t, Options{Provider: "outlook"}), startLab(t, Options{Provider: "outlook"})
	if one.Token() == "" || one.Token() == other.Token() {
		t.Errorf("tokens %q, %q", one.Token(), other.Token())
	}
	if flags := startLab(t, Options{Provider: "outlook", Fault: "no-token"}).Flags(); len(flags) != 0 {
		t.Errorf("flags %q", flags)
	}
}

// where lists the folders and UIDs of the messages.
func where(l *Lab) []string {
	var list []string
	for _, m := range l.Mailbox().Messages() {
		list = append(list, fmt.Sprintf("%s %d", m.Folder, m.UID))
	}
	return list
}

// Gmail keeps a message to oneself once, with labels: what is removed from a
// folder stays in All Mail, what is moved to Trash leaves every folder.
func TestLabels(t *testing.T) {
	l := startLab(t, Options{Labels: true, SentCopy: true})
	submit(connect(t, l, report.SMTP, report.TLS))
	everywhere := []string{"INBOX 1", "[Gmail]/All Mail 1", "[Gmail]/Sent Mail 1"}
	if diff := cmp.Diff(everywhere, where(l)); diff != "" {
		t.Fatal(diff)
	}
	c := imapLogin(t, l, nil)
	if _, err := c.Select("INBOX", nil).Wait(); err != nil {
		t.Fatal(err)
	}
	if err := c.Store(imap.UIDSetNum(1), &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: []imap.Flag{imap.FlagDeleted}, Silent: true}, nil).Close(); err != nil {
		t.Fatal(err)
	}
	if err := c.UIDExpunge(imap.UIDSetNum(1)).Close(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(everywhere[1:], where(l)); diff != "" {
		t.Fatal(diff)
	}
	if _, err := c.Select("[Gmail]/All Mail", nil).Wait(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Move(imap.UIDSetNum(1), "[Gmail]/Trash").Wait(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"[Gmail]/Trash 1"}, where(l)); diff != "" {
		t.Error(diff)
	}
}

// NetEase opens no mailbox to a client that has not sent ID.
func TestWantsID(t *testing.T) {
	for _, sent := range []bool{false, true} {
		c := connect(t, startLab(t, Options{WantsID: true}), report.IMAP, report.TLS)
		c.want("* OK")
		c.send("a LOGIN " + c.lab.Address() + " " + c.lab.Password())
		c.want("a OK")
		want := "c NO SELECT Unsafe Login"
		if sent {
			c.send(`b ID ("name" "test")`)
			c.until("b OK")
			want = "c OK"
		}
		c.send("c EXAMINE INBOX")
		lines := c.until("c ")
		if last := lines[len(lines)-1]; !strings.HasPrefix(last, want) {
			t.Errorf("ID sent %v: %q", sent, last)
		}
	}
}

// Each refusal doubles the time that logins are kept back, up to Dovecot's 15 s;
// a login that is taken waits too.
func TestPenalty(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &Lab{opts: Options{Penalty: 2 * time.Second, Password: "right"}, logins: map[report.Protocol]Logins{}, stop: make(chan struct{})}
		d := &door{lab: l, protocol: report.IMAP}
		for i, step := range []struct {
			password string
			want     time.Duration
		}{{"right", 0}, {"wrong", 2 * time.Second}, {"right", 2 * time.Second}, {"wrong", 4 * time.Second}, {"wrong", 8 * time.Second}, {"wrong", 15 * time.Second}} {
			start := time.Now()
			_ = d.password("", step.password)
			if got := time.Since(start); got != step.want {
				t.Errorf("login %d was answered after %v, want %v", i+1, got, step.want)
			}
		}
	})
}

// The servers greet in the words of the profile, and announce what it does.
func TestProfileGreetings(t *testing.T) {
	l := startLab(t, Options{Provider: "gmail"})
	for port, want := range map[int]string{993: "Gimap ready", 995: "Gpop ready"} {
		c, err := reach(t.Context(), t, l, port)
		if err != nil {
			t.Fatal(err)
		}
		c.host = map[int]string{993: "imap.gmail.com", 995: "pop.gmail.com"}[port]
		c.secure()
		greeting := c.line()
		if !strings.Contains(greeting, want) || port == 993 && !strings.Contains(greeting, "X-GM-EXT-1") {
			t.Errorf("port %d greets %q", port, greeting)
		}
	}
}
