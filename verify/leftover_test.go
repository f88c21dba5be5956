package verify_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"mailcheck/creds"
	"mailcheck/internal/diagnose"
	"mailcheck/internal/lab"
	"mailcheck/internal/render"
	"mailcheck/internal/testmsg"
	"mailcheck/report"
	"mailcheck/verify"
)

// chain is a keyring in memory that keeps what is stored.
type chain struct {
	mu    sync.Mutex
	items map[string]string
	err   error // of everything; nil: it works
	hangs bool  // no answer until the question is withdrawn
	asked int
}

func newChain() *chain { return &chain{items: map[string]string{}} }

func (c *chain) Get(ctx context.Context, user string) (creds.Secret, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked++
	if c.hangs {
		<-ctx.Done()
		return creds.Secret{}, ctx.Err()
	}
	switch s, ok := c.items[user]; {
	case c.err != nil:
		return creds.Secret{}, c.err
	case !ok:
		return creds.Secret{}, creds.ErrMissing
	default:
		return creds.NewSecret(s), nil
	}
}

func (c *chain) Set(_ context.Context, user string, s creds.Secret) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil {
		c.items[user] = s.Reveal()
	}
	return c.err
}

func (c *chain) Delete(context.Context, string) error { return errors.ErrUnsupported }

// key is the signing key of the keyring.
func (c *chain) key(t testing.TB) creds.Secret {
	t.Helper()
	key, err := creds.SigningKey(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// later is a clock that goes ahead.
func later() time.Time { return time.Now().Add(time.Hour) }

// again gives a run its password anew; the keyring is not where it is from.
func again(servers *lab.Lab, o verify.Options) verify.Options {
	o.Credentials = creds.Options{PasswordStdin: strings.NewReader(servers.Password() + "\n")}
	return o
}

// kill makes a run that is aborted when its message has arrived, and returns
// what it left.
func kill(t *testing.T, servers *lab.Lab, o verify.Options) *report.Report {
	t.Helper()
	abort, kill := context.WithCancel(context.Background())
	defer kill()
	o.Abort = abort
	o.Observe = func(e report.Event) {
		if e.Ended && e.Step.ID == "delivery.arrive" {
			kill()
		}
	}
	rep := run(t, again(servers, o))
	if m := rep.Message; m == nil || m.Folder == "" || m.Deleted {
		t.Fatalf("it was not killed in time: %+v", m)
	}
	return rep
}

func cleanup(rep *report.Report) *report.Step { return rep.Check("delivery").Step("cleanup") }

// A run that was killed between sending and cleaning leaves its message, and
// its copy in Sent; the next run with the same keyring removes both when the
// first one is over for certain, and nothing else. A run without does not.
func TestLeftover(t *testing.T) {
	for name, tc := range map[string]struct {
		first, second creds.Keyring
		now           func() time.Time // of the second run
		from          string           // where the second run has its password from
		removed       int
	}{
		"same keyring":                        {removed: 2, now: later},
		"the password is from there":          {removed: 2, now: later, from: "keyring"},
		"the first run may still go on":       {now: time.Now},
		"another keyring":                     {now: later, second: newChain()},
		"no keyring":                          {now: later, second: none},
		"no keyring in the first run":         {now: later, first: none},
		"a locked keyring":                    {now: later, second: &chain{err: &creds.KeyringError{Reason: creds.Locked}}},
		"a locked keyring in the first run":   {now: later, first: &chain{err: &creds.KeyringError{Reason: creds.Locked}}},
		"a keyring that hangs":                {now: later, second: &chain{hangs: true}},
		"a keyring that holds something else": {now: later, second: &chain{items: map[string]string{"signing-key": "a password"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			servers, o := start(t, lab.Options{SentCopy: true})
			o.Transcript = true
			own := fill(t, servers)
			shared := newChain()
			pick := func(k creds.Keyring) creds.Keyring {
				switch k {
				case nil:
					return shared
				case none:
					return nil
				}
				return k
			}
			o.QuietKeyring = pick(tc.first)
			kill(t, servers, o)
			left := servers.Mailbox().Messages()
			if len(left) != len(own)+2 {
				t.Fatalf("%d messages, want those of before and 2", len(left))
			}

			second := again(servers, o)
			second.QuietKeyring, second.Now = pick(tc.second), tc.now
			if tc.from == "keyring" {
				shared.items[servers.Address()] = servers.Password()
				second.Credentials, second.QuietKeyring = creds.Options{Keyring: shared}, nil
			}
			rep := run(t, second)
			if rep.ExitCode != 0 || results(rep) != "" {
				t.Errorf("exit status %d: %s", rep.ExitCode, results(rep))
			}
			want := left
			if tc.removed > 0 {
				want = own
			}
			if diff := gocmp.Diff(want, servers.Mailbox().Messages()); diff != "" {
				t.Errorf("the mailbox is not as it should be:\n%s", diff)
			}
			said := strings.HasSuffix(cleanup(rep).Detail, "; so were messages that earlier runs had left behind: 2")
			if rep.Message.Leftovers != tc.removed || said != (tc.removed > 0) {
				t.Errorf("%d leftovers are reported, want %d: %s", rep.Message.Leftovers, tc.removed, cleanup(rep).Detail)
			}
			var shown bytes.Buffer
			if err := render.JSON(&shown, rep, render.Options{}); err != nil {
				t.Fatal(err)
			}
			for _, s := range servers.Submissions() {
				shown.Write(s.Data)
			}
			if key := shared.items["signing-key"]; key != "" && strings.Contains(shown.String(), key) {
				t.Error("the report or a message holds the key")
			}
		})
	}
}

// none stands for no keyring at all.
var none = newChain()

// message is one that looks like a test message.
func message(t testing.TB, address string, key creds.Secret, over time.Duration) []byte {
	t.Helper()
	m, err := testmsg.New(testmsg.Options{From: address, Signer: testmsg.Signer{Key: key, Account: address}, Over: time.Now().Add(over)})
	if err != nil {
		t.Fatal(err)
	}
	return m.Bytes()
}

// What only looks like a leftover stays where it is, with its flags.
func TestNoLeftover(t *testing.T) {
	servers, o := start(t, lab.Options{})
	k := newChain()
	o.QuietKeyring = k
	key, address := k.key(t), servers.Address()
	signed := func() string { return string(message(t, address, key, -time.Hour)) }
	token := func(m string) string { // the field of it
		_, after, _ := strings.Cut(m, testmsg.TokenField)
		value, _, _ := strings.Cut(after, "\r\n")
		return testmsg.TokenField + value
	}
	first, second := signed(), signed()
	for _, m := range []struct{ folder, text, flag string }{
		{"INBOX", "Subject: mailcheck test\r\n\r\nhello\r\n", ""},
		{"INBOX", string(message(t, address, creds.Secret{}, 0)), ""},
		{"INBOX", string(message(t, address, creds.Secret{}, 0)), `\Deleted`},
		{"INBOX", string(message(t, address, newChain().key(t), -time.Hour)), `\Seen`},
		{"INBOX", string(message(t, "other@example.test", key, -time.Hour)), ""},
		{"INBOX", string(message(t, address, key, time.Hour)), ""},
		{"INBOX", strings.Replace(first, token(first), token(second), 1), ""},
		{"INBOX", "Subject: Fwd: mailcheck test\r\n\r\n" + first, `\Deleted`},
		{"INBOX", token(second) + "\r\n" + first, ""},
		{"Sent", string(message(t, "other@example.test", key, -time.Hour)), `\Flagged`},
		{"Junk", string(message(t, address, newChain().key(t), -time.Hour)), `\Deleted`},
		{"Trash", signed(), ""}, // not looked at
	} {
		if _, err := servers.Mailbox().Append(m.folder, []byte(m.text), strings.Fields(m.flag)...); err != nil {
			t.Fatal(err)
		}
	}
	before := servers.Mailbox().Messages()
	rep := run(t, o)
	if diff := gocmp.Diff(before, servers.Mailbox().Messages()); diff != "" {
		t.Errorf("the mailbox is not as it was:\n%s", diff)
	}
	if rep.ExitCode != 0 || results(rep) != "" || rep.Message.Leftovers != 0 || strings.Contains(cleanup(rep).Detail, "left behind") {
		t.Errorf("exit status %d, %s: %s", rep.ExitCode, results(rep), cleanup(rep).Detail)
	}
}

// Many are removed in more than one run, from the newest on, among others'.
func TestManyLeftovers(t *testing.T) {
	servers, o := start(t, lab.Options{})
	k := newChain()
	o.QuietKeyring = k
	const many = 23
	for range many {
		for _, m := range [][]byte{message(t, servers.Address(), k.key(t), -time.Hour), []byte("Subject: a letter\r\n\r\nhello\r\n")} {
			if _, err := servers.Mailbox().Append("INBOX", m, `\Deleted`); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, want := range []int{20, many - 20, 0} {
		if rep := run(t, again(servers, o)); rep.Message.Leftovers != want {
			t.Errorf("%d leftovers are removed, want %d: %s", rep.Message.Leftovers, want, results(rep))
		}
	}
	if n := len(servers.Mailbox().Messages()); n != many {
		t.Errorf("%d messages stay, want the %d of others", n, many)
	}
}

// What does not clean up removes nothing, and does not ask the keyring. A
// message that is to stay is not signed, so that no later run removes it.
func TestNothingIsCleared(t *testing.T) {
	for name, change := range map[string]func(*verify.Options){
		"keep":       func(o *verify.Options) { o.Keep = true },
		"no-auth":    func(o *verify.Options) { o.NoAuth = true },
		"rcpt":       func(o *verify.Options) { o.Send = diagnose.SendRcpt },
		"auth":       func(o *verify.Options) { o.Send = diagnose.SendAuth },
		"none":       func(o *verify.Options) { o.Send = diagnose.SendNone },
		"to another": func(o *verify.Options) { o.To = "bob@example.org" },
		"no secret":  func(o *verify.Options) { o.Credentials = creds.Options{} },
		"no SMTP":    func(o *verify.Options) { o.Leave = []report.Protocol{report.SMTP} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			servers, o := start(t, lab.Options{})
			k := newChain()
			leftover := message(t, servers.Address(), k.key(t), -time.Hour)
			if _, err := servers.Mailbox().Append("INBOX", leftover, `\Seen`); err != nil {
				t.Fatal(err)
			}
			before := servers.Mailbox().Messages()
			o.QuietKeyring, k.asked = k, 0
			change(&o)
			rep := run(t, o)
			if rep.ExitCode != 0 && name != "no secret" || k.asked > 0 {
				t.Errorf("exit status %d, the keyring was asked %d times", rep.ExitCode, k.asked)
			}
			after := servers.Mailbox().Messages()
			after = slices.DeleteFunc(after, func(m lab.Message) bool { return o.Keep && bytes.Contains(m.Raw, []byte(rep.Message.ID)) })
			if diff := gocmp.Diff(before, after); diff != "" {
				t.Errorf("the mailbox is not as it was:\n%s", diff)
			}
			for _, s := range servers.Submissions() {
				if bytes.Contains(s.Data, []byte(testmsg.SignatureField)) {
					t.Errorf("a message that stays is signed:\n%s", s.Data)
				}
			}
		})
	}
}

// Over POP3 alone nothing is cleared, but the message is signed for a run that
// can.
func TestLeftoverOverPOP3(t *testing.T) {
	servers, o := start(t, lab.Options{})
	k := newChain()
	if _, err := servers.Mailbox().Append("INBOX", message(t, servers.Address(), k.key(t), -time.Hour)); err != nil {
		t.Fatal(err)
	}
	before := servers.Mailbox().Messages()
	o.QuietKeyring, o.Leave = k, []report.Protocol{report.IMAP}
	rep := run(t, o)
	if diff := gocmp.Diff(before, servers.Mailbox().Messages()); diff != "" || rep.ExitCode != 0 {
		t.Errorf("exit status %d, the mailbox is not as it was:\n%s", rep.ExitCode, diff)
	}
	if s := servers.Submissions(); len(s) != 1 || !bytes.Contains(s[0].Data, []byte("\r\n"+testmsg.SignatureField+": v1 ")) {
		t.Errorf("%d messages, not signed", len(s))
	}
}

// Two runs at the same time, with one keyring, remove their own messages alone.
func TestTwoRuns(t *testing.T) {
	servers, o := start(t, lab.Options{SentCopy: true})
	before := fill(t, servers)
	o.QuietKeyring = newChain()
	o.Leave = []report.Protocol{report.POP3} // which one session locks
	// Each holds its message until the other one's has arrived.
	var arrived sync.WaitGroup
	arrived.Add(2)
	reports, errs := make([]*report.Report, 2), make([]error, 2)
	var runs sync.WaitGroup
	for i := range reports {
		o := again(servers, o)
		o.Observe = func(e report.Event) {
			if e.Ended && e.Step.ID == "delivery.arrive" {
				arrived.Done()
				arrived.Wait()
			}
		}
		runs.Go(func() { reports[i], errs[i] = verify.Run(context.Background(), o) })
	}
	runs.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	for _, rep := range reports {
		m := rep.Message
		if rep.ExitCode != 0 || !m.Deleted || m.Leftovers != 0 || len(m.Copies) != 1 || !m.Copies[0].Deleted {
			t.Errorf("exit status %d, %s, message %+v", rep.ExitCode, results(rep), m)
		}
	}
	if reports[0].Message.ID == reports[1].Message.ID {
		t.Error("both sent the same message")
	}
	if diff := gocmp.Diff(before, servers.Mailbox().Messages()); diff != "" {
		t.Errorf("the mailbox is not as it was:\n%s", diff)
	}
}

// A keyring that does not answer costs the run nothing: it is let go as soon as
// the message is sent.
func TestKeyringThatHangs(t *testing.T) {
	servers, o := start(t, lab.Options{})
	o.QuietKeyring = &chain{hangs: true}
	rep := run(t, o)
	if rep.ExitCode != 0 || results(rep) != "" {
		t.Errorf("exit status %d: %s", rep.ExitCode, results(rep))
	}
	if s := servers.Submissions(); len(s) != 1 || bytes.Contains(s[0].Data, []byte(testmsg.SignatureField)) {
		t.Errorf("%d messages, signed", len(s))
	}
	for _, c := range rep.Checks {
		for _, s := range c.Steps {
			if s.Cause == report.CredsKeyringLocked || s.Cause == report.CredsKeyringUnavailable {
				t.Errorf("%s complains: %s", s.ID, s.Detail)
			}
		}
	}
}

// A server that never answers the search ends that and the session, and fails
// nothing.
func TestSearchThatHangs(t *testing.T) {
	t.Parallel()
	servers, o := start(t, lab.Options{AllowCleartext: true, Mechanisms: []string{"PLAIN"}})
	o.Fixed = []report.Endpoint{servers.Endpoint(report.IMAP, report.None), servers.Endpoint(report.SMTP, report.TLS)}
	o.Leave, o.AllowCleartext, o.QuietKeyring = []report.Protocol{report.POP3}, true, newChain()
	dial := o.Dial
	o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := dial(ctx, network, address)
		return deaf{c}, err
	}
	rep := run(t, o)
	if rep.ExitCode != 0 || !rep.Message.Deleted || len(servers.Mailbox().Messages()) > 0 {
		t.Errorf("exit status %d: %s", rep.ExitCode, results(rep))
	}
	if logout := rep.Check("imap").Step("logout"); logout.Result != report.Skip || logout.Because != "delivery.cleanup" {
		t.Errorf("logout: %+v", logout)
	}
	if took := cleanup(rep); took.Result != report.OK || took.Detail != "removed" {
		t.Errorf("cleanup: %+v", took)
	}
}

// deaf is a connection on which searches are lost.
type deaf struct{ net.Conn }

func (d deaf) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte("UID SEARCH")) {
		return len(p), nil
	}
	return d.Conn.Write(p)
}
