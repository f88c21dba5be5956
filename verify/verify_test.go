package verify_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.uber.org/goleak"

	"mailcheck/creds"
	"mailcheck/imap"
	"mailcheck/internal/diagnose"
	"mailcheck/internal/dns"
	"mailcheck/internal/lab"
	"mailcheck/internal/render"
	"mailcheck/internal/testmsg"
	"mailcheck/pop"
	"mailcheck/report"
	"mailcheck/smtp"
	"mailcheck/verify"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start starts a lab and returns the options of a run against it.
func start(t testing.TB, l lab.Options) (*lab.Lab, verify.Options) {
	t.Helper()
	servers, err := lab.Start(context.Background(), l)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { servers.Close() })
	account, err := creds.ParseAddress(servers.Address())
	if err != nil {
		t.Fatal(err)
	}
	return servers, verify.Options{
		Account: account, Version: "test", DNS: servers.DNSAddr(), Roots: servers.Roots(),
		Credentials: creds.Options{PasswordStdin: strings.NewReader(servers.Password() + "\n")},
		StepTimeout: 10 * time.Second, Wait: 10 * time.Second, Silence: 50 * time.Millisecond, Dial: servers.DialContext,
	}
}

// run runs a check and holds its report to the JSON schema.
func run(t testing.TB, o verify.Options) *report.Report {
	t.Helper()
	rep, err := verify.Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	validate(t, rep)
	return rep
}

var schema = sync.OnceValues(func() (*jsonschema.Schema, error) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(render.Schema()))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("report.json", doc); err != nil {
		return nil, err
	}
	return c.Compile("report.json")
})

func validate(t testing.TB, rep *report.Report) {
	t.Helper()
	var out bytes.Buffer
	if err := render.JSON(&out, rep, render.Options{}); err != nil {
		t.Fatal(err)
	}
	var doc any
	if err := json.Unmarshal(out.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	s, err := schema()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(doc); err != nil {
		t.Errorf("the report does not fit its schema: %v\n%s", err, out.String())
	}
}

// complete demands that no step of a plan is silently absent, and that a step
// that was skipped says why.
func complete(t testing.TB, rep *report.Report) {
	t.Helper()
	expectable(t, rep)
	plans := map[report.Protocol]func(report.Security) []string{report.IMAP: imap.Steps, report.POP3: pop.Steps, report.SMTP: smtp.Steps}
	for p, steps := range plans {
		if rep.Check(string(p)) == nil {
			t.Errorf("there is no check %s", p)
		}
		for _, c := range rep.Checks {
			if c.Protocol != p {
				continue
			}
			security := report.TLS
			if c.Endpoint != nil {
				security = c.Endpoint.Security
			}
			for _, name := range steps(security) {
				if c.Step(name) == nil {
					t.Errorf("%s.%s is absent", c.ID, name)
				}
			}
		}
	}
	for _, name := range []string{"arrive", "inspect", "cleanup"} {
		if rep.Check("delivery").Step(name) == nil {
			t.Errorf("delivery.%s is absent", name)
		}
	}
	for _, c := range rep.Checks {
		for _, s := range c.Steps {
			if s.Result == report.Skip && s.Because == "" {
				t.Errorf("%s is skipped without a reason", s.ID)
			}
			if s.Result == report.Fail && s.Cause == "" {
				t.Errorf("%s failed without a cause: %v", s.ID, s.Err)
			}
		}
	}
}

// expectable demands that something can be expected of each step of a report.
func expectable(t testing.TB, rep *report.Report) {
	t.Helper()
	for _, c := range rep.Checks {
		for _, s := range c.Steps {
			if _, err := diagnose.ParseExpectation(s.ID + "=ok"); err != nil {
				t.Error(err)
			}
		}
	}
}

// results lists the steps that are not ok.
func results(rep *report.Report) string {
	var out []string
	for _, c := range rep.Checks {
		for _, s := range c.Steps {
			if s.Result != report.OK {
				out = append(out, fmt.Sprintf("%s %s %s%s", s.ID, s.Result, s.Cause, cmp.Or(" "+s.Because, "")))
			}
		}
	}
	return strings.Join(out, "; ")
}

// TestFaults runs each fault of the lab: it ends in the step, the cause, the
// result and the exit status of the table, with every other check finished.
func TestFaults(t *testing.T) {
	for _, f := range lab.Faults() {
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			servers, o := start(t, lab.Options{Fault: f.Name, Delay: time.Microsecond})
			o.MX = f.Receiving()
			switch f.Cause {
			case report.DeliveryNotArrived:
				o.Wait = 200 * time.Millisecond
			case report.ConnectTimeout:
				o.StepTimeout = time.Second
			}
			rep := run(t, o)
			complete(t, rep)
			if rep.Result != f.Result || rep.ExitCode != f.ExitStatus {
				t.Errorf("result %s, exit status %d; want %s, %d", rep.Result, rep.ExitCode, f.Result, f.ExitStatus)
			}
			want := report.Step{ID: f.Step, Cause: f.Cause}
			if f.Result == report.Fail && (rep.Verdict.FailedStep != want.ID || rep.Verdict.Cause != want.Cause) {
				t.Errorf("verdict %s %s, want %s %s", rep.Verdict.FailedStep, rep.Verdict.Cause, want.ID, want.Cause)
			}
			if f.Result == report.Warn && !slices.ContainsFunc(rep.Verdict.Findings, func(g report.Finding) bool { return g.Step == want.ID && g.Cause == want.Cause }) {
				t.Errorf("findings %+v lack %s %s", rep.Verdict.Findings, want.ID, want.Cause)
			}
			if rep.Verdict.Headline == "" || f.Result == report.Fail && len(rep.Verdict.Advice) == 0 {
				t.Errorf("headline %q, advice %q", rep.Verdict.Headline, rep.Verdict.Advice)
			}
			if h := rep.Verdict.Headline; f.Result == report.Warn && !strings.Contains(h, " but ") && !strings.Contains(h, "the first is that ") {
				t.Errorf("headline %q does not say what the warning is", h)
			}
			made, rejected := 0, 0
			for _, p := range []report.Protocol{report.IMAP, report.POP3, report.SMTP} {
				l := servers.Logins(p)
				made, rejected = made+l.Made, rejected+l.Rejected
			}
			if l := rep.Verdict.Logins; l.Made != made || l.Rejected != rejected || rejected > l.Limit {
				t.Errorf("the report counts %+v, the servers %d logins and %d refusals", l, made, rejected)
			}
			if t.Failed() {
				t.Log(results(rep))
			}
		})
	}
}

// A DNS server that was given and does not answer is named, and the router is
// not blamed.
func TestGivenDNSServerIsSilent(t *testing.T) {
	_, o := start(t, lab.Options{})
	o.DNS = "127.0.0.1:1"
	rep := run(t, o)
	v := rep.Verdict
	if v.Cause != report.DNSTimeout || !strings.HasSuffix(v.Headline, ": the DNS server 127.0.0.1:1 does not answer.") ||
		len(v.Advice) == 0 || !strings.HasPrefix(v.Advice[0], "Leave --dns out") {
		t.Errorf("%s: %q, %q", v.Cause, v.Headline, v.Advice)
	}
}

// A message whose arrival nobody can look for needs no MX: what its lookup says is a
// warning, as with --to. The step stands before the hosts all the same, which
// here are known without a lookup.
func TestMXWithoutAMailboxToLookInto(t *testing.T) {
	servers, o := start(t, lab.Options{})
	o.Leave = []report.Protocol{report.IMAP, report.POP3}
	e := servers.Endpoint(report.SMTP, report.TLS)
	o.Fixed, o.Override = []report.Endpoint{e}, map[string][]netip.Addr{e.Host: {netip.MustParseAddr("127.0.0.1")}}
	o.DNS = "127.0.0.1:1"
	rep := run(t, o)
	if s := rep.Check("dns").Steps[0]; s.ID != "dns.mx" || s.Result != report.Warn || s.Cause != report.DNSTimeout {
		t.Errorf("the first step is %s %s %s", s.ID, s.Result, s.Cause)
	}
	if rep.ExitCode != report.ExitOK || rep.Verdict.Send != report.OK || rep.Check("delivery").Step("arrive").Cause != report.DeliveryNotAwaited {
		t.Errorf("exit status %d, %s: %s", rep.ExitCode, rep.Verdict.Headline, results(rep))
	}
}

// fill gives a mailbox mail of its own, some of it marked.
func fill(t testing.TB, servers *lab.Lab) []lab.Message {
	t.Helper()
	for i, m := range []struct {
		folder string
		flags  []string
	}{
		{"INBOX", []string{`\Seen`}},
		{"INBOX", []string{`\Deleted`}},
		{"INBOX", []string{`\Deleted`, `\Seen`, `\Flagged`}},
		{"INBOX", nil},
		{"Sent", []string{`\Deleted`}},
		{"Junk", nil},
	} {
		raw := fmt.Sprintf("From: somebody@example.org\r\nSubject: letter %d\r\nX-Mailcheck-Token: %032d\r\n\r\nHello.\r\n", i, i)
		if _, err := servers.Mailbox().Append(m.folder, []byte(raw), m.flags...); err != nil {
			t.Fatal(err)
		}
	}
	return servers.Mailbox().Messages()
}

// The whole job leaves the mailbox as it was, byte for byte and flag for
// flag, \Deleted ones too, with every step ok.
func TestAllIsWell(t *testing.T) {
	for name, l := range map[string]lab.Options{"plain": {}, "with a copy in Sent": {SentCopy: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			servers, o := start(t, l)
			before := fill(t, servers)
			rep := run(t, o)
			complete(t, rep)
			if rep.ExitCode != 0 || rep.Result != report.OK || results(rep) != "" {
				t.Errorf("exit status %d, %s: %s", rep.ExitCode, rep.Result, results(rep))
			}
			if diff := gocmp.Diff(before, servers.Mailbox().Messages()); diff != "" {
				t.Errorf("the mailbox is not as it was:\n%s", diff)
			}
			sent := servers.Submissions()
			if len(sent) != 1 || !slices.Equal(sent[0].To, []string{servers.Address()}) {
				t.Fatalf("%d messages were sent: %+v", len(sent), sent)
			}
			m := rep.Message
			if !m.Deleted || m.Folder != "INBOX" || !bytes.Contains(sent[0].Data, []byte(m.ID)) || len(m.Received) == 0 || m.Authentication == nil {
				t.Errorf("message %+v", m)
			}
			if l.SentCopy && (len(m.Copies) != 1 || !m.Copies[0].Deleted || m.Copies[0].Folder != "Sent") {
				t.Errorf("copies %+v", m.Copies)
			}
			if want := (report.Logins{Made: 3, Limit: 2}); rep.Verdict.Logins != want {
				t.Errorf("logins %+v", rep.Verdict.Logins)
			}
			if err := servers.AwaitIdle(t.Context()); err != nil {
				t.Errorf("%d connections are open: %v", servers.OpenConnections(), err)
			}
		})
	}
}

// TestScope runs the job in part, and looks at what was done and sent.
func TestScope(t *testing.T) {
	for _, tc := range []struct {
		name    string
		change  func(*verify.Options)
		exit    int
		logins  int
		sent    int
		stays   int // messages in the mailbox afterwards
		skipped string
	}{
		{"rcpt", func(o *verify.Options) { o.Send = diagnose.SendRcpt }, 0, 3, 0, 0, "smtp.data delivery.arrive delivery.inspect delivery.cleanup"},
		{"auth", func(o *verify.Options) { o.Send = diagnose.SendAuth }, 0, 3, 0, 0, "smtp.mail smtp.rcpt smtp.data delivery.arrive delivery.inspect delivery.cleanup"},
		{"none", func(o *verify.Options) { o.Send = diagnose.SendNone }, 0, 2, 0, 0,
			"smtp.auth smtp.mail smtp.rcpt smtp.data delivery.arrive delivery.inspect delivery.cleanup"},
		{"no-auth", func(o *verify.Options) { o.NoAuth = true }, 0, 0, 0, 0,
			"creds.password imap.auth imap.mailbox pop3.auth pop3.mailbox smtp.auth smtp.mail smtp.rcpt smtp.data delivery.arrive delivery.inspect delivery.cleanup"},
		{"keep", func(o *verify.Options) { o.Keep = true }, 0, 3, 1, 1, "delivery.cleanup"},
		{"to another", func(o *verify.Options) { o.To = "bob@example.org" }, 0, 3, 1, 0, "delivery.arrive delivery.inspect delivery.cleanup"},
		{"POP3 and SMTP", func(o *verify.Options) { o.Leave = []report.Protocol{report.IMAP} }, 0, 3, 1, 0,
			"imap.connect imap.tls imap.greeting imap.capability imap.auth imap.mailbox imap.logout"},
		{"SMTP alone", func(o *verify.Options) { o.Leave = []report.Protocol{report.IMAP, report.POP3} }, 0, 1, 1, 1,
			"imap.connect imap.tls imap.greeting imap.capability imap.auth imap.mailbox imap.logout " +
				"pop3.connect pop3.tls pop3.greeting pop3.capability pop3.auth pop3.mailbox pop3.logout delivery.arrive delivery.inspect delivery.cleanup"},
		{"no SMTP", func(o *verify.Options) { o.Leave = []report.Protocol{report.SMTP} }, 0, 2, 0, 0,
			"smtp.connect smtp.tls smtp.greeting smtp.ehlo smtp.auth smtp.mail smtp.rcpt smtp.data smtp.quit delivery.arrive delivery.inspect delivery.cleanup"},
		{"no secret", func(o *verify.Options) { o.Credentials = creds.Options{} }, 3, 0, 0, 0,
			"imap.auth imap.mailbox pop3.auth pop3.mailbox smtp.auth smtp.mail smtp.rcpt smtp.data delivery.arrive delivery.inspect delivery.cleanup"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			servers, o := start(t, lab.Options{})
			tc.change(&o)
			rep := run(t, o)
			complete(t, rep)
			if rep.ExitCode != tc.exit {
				t.Errorf("exit status %d, want %d: %s", rep.ExitCode, tc.exit, results(rep))
			}
			var skipped []string
			for _, c := range rep.Checks {
				for _, s := range c.Steps {
					if s.Result == report.Skip {
						skipped = append(skipped, s.ID)
					}
				}
			}
			if got := strings.Join(skipped, " "); got != tc.skipped {
				t.Errorf("skipped %s\n  want %s", got, tc.skipped)
			}
			if n := rep.Verdict.Logins.Made; n != tc.logins && !(tc.name == "POP3 and SMTP" && n > tc.logins-1) {
				t.Errorf("%d logins, want %d", n, tc.logins)
			}
			if n := len(servers.Submissions()); n != tc.sent {
				t.Errorf("%d messages were sent, want %d", n, tc.sent)
			}
			if n := len(servers.Mailbox().Messages()); n != tc.stays {
				t.Errorf("%d messages stay, want %d", n, tc.stays)
			}
		})
	}
}

// Asking an open relay: without a login SMTP goes on to MAIL and RCPT.
func TestRelayIsAsked(t *testing.T) {
	_, o := start(t, lab.Options{})
	o.NoAuth, o.Send, o.To = true, diagnose.SendRcpt, "bob@example.org"
	rep := run(t, o)
	if rep.ExitCode != report.ExitSubmit || rep.Verdict.Cause != report.SubmitAuthRequired {
		t.Errorf("exit status %d, %s at %s", rep.ExitCode, rep.Verdict.Cause, rep.Verdict.FailedStep)
	}
	var steps []string
	for _, s := range rep.Check("smtp").Steps {
		steps = append(steps, s.Step)
	}
	if want := smtp.Steps(report.TLS); !slices.Equal(steps, want) {
		t.Errorf("the steps stand in the order %q, want %q", steps, want)
	}
}

// What the flags leave out is skipped because of them, whatever failed before it.
func TestUnaskedStepsAreNotBlamed(t *testing.T) {
	const delivery = "; delivery.arrive skip flags; delivery.inspect skip flags; delivery.cleanup skip flags"
	for _, tc := range []struct {
		name, fault string
		change      func(*verify.Options)
		want        string // the steps of SMTP and of the delivery that are not ok
	}{
		{"rcpt", "smtp-login-refused", func(o *verify.Options) { o.Send = diagnose.SendRcpt },
			"smtp.auth fail auth.bad_credentials; smtp.mail skip smtp.auth; smtp.rcpt skip smtp.auth; smtp.data skip flags" + delivery},
		{"auth", "smtp-login-refused", func(o *verify.Options) { o.Send = diagnose.SendAuth },
			"smtp.auth fail auth.bad_credentials; smtp.mail skip flags; smtp.rcpt skip flags; smtp.data skip flags" + delivery},
		{"none", "smtp-hangs-up", func(o *verify.Options) { o.Send = diagnose.SendNone },
			"smtp.ehlo fail connect.closed_early; smtp.auth skip flags; smtp.mail skip flags; smtp.rcpt skip flags; smtp.data skip flags; smtp.quit skip smtp.ehlo" + delivery},
		{"no-auth", "smtp-hangs-up", func(o *verify.Options) { o.NoAuth = true },
			"smtp.ehlo fail connect.closed_early; smtp.auth skip flags; smtp.mail skip flags; smtp.rcpt skip flags; smtp.data skip flags; smtp.quit skip smtp.ehlo" + delivery},
		{"keep", "message-refused", func(o *verify.Options) { o.Keep = true },
			"smtp.data fail submit.spam_policy; delivery.arrive skip smtp.data; delivery.inspect skip smtp.data; delivery.cleanup skip flags"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, o := start(t, lab.Options{Fault: tc.fault})
			o.Leave = []report.Protocol{report.POP3}
			tc.change(&o)
			rep := run(t, o)
			complete(t, rep)
			rep.Checks = slices.DeleteFunc(rep.Checks, func(c *report.Check) bool { return c.ID != "smtp" && c.ID != "delivery" })
			if got := strings.ReplaceAll(strings.Join(strings.Fields(results(rep)), " "), " ;", ";"); got != tc.want {
				t.Errorf("got\n%s\nwant\n%s", got, tc.want)
			}
		})
	}
}

// TestRoundTrips counts the waits for the network with TLS 1.3, PLAIN with an
// initial response, PIPELINING, and servers that announce what they can.
func TestRoundTrips(t *testing.T) {
	for _, tc := range []struct {
		name                            string
		security                        report.Security
		keyring                         creds.Keyring
		send                            diagnose.SendDegree
		imap, pop, smtp, look, delivery int
	}{
		// IMAP with TLS: TCP, TLS, greeting, AUTHENTICATE, EXAMINE; then the
		// message is found in one more (NOOP and FETCH). LOGOUT is the sixth of
		// the check. With STARTTLS, STARTTLS itself and CAPABILITY come on top.
		//
		// The delivery is IDLE, DONE with the look, header with SELECT, removal;
		// and with a key one search for what earlier runs have left behind.
		//
		// QUIT of SMTP goes with the message or the envelope. LOGOUT and POP3's QUIT wait
		// for the answers to LIST and UIDL, which may be long: Dovecot drops what is left
		// of an answer when it takes them.
		{"TLS", report.TLS, nil, diagnose.SendMessage, 6, 7, 7, 6, 4},
		{"STARTTLS", report.STARTTLS, nil, diagnose.SendMessage, 8, 9, 9, 8, 4},
		{"TLS with a key", report.TLS, newChain(), diagnose.SendMessage, 6, 7, 7, 6, 5},
		{"STARTTLS with a key", report.STARTTLS, newChain(), diagnose.SendMessage, 8, 9, 9, 8, 5},
		{"TLS, the envelope alone", report.TLS, nil, diagnose.SendRcpt, 6, 7, 6, 6, 0},
		{"STARTTLS, logins alone", report.STARTTLS, nil, diagnose.SendAuth, 8, 9, 8, 8, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			servers, o := start(t, lab.Options{Mechanisms: []string{"PLAIN"}})
			o.QuietKeyring, o.Send = tc.keyring, tc.send
			for _, p := range []report.Protocol{report.IMAP, report.POP3, report.SMTP} {
				o.Fixed = append(o.Fixed, servers.Endpoint(p, tc.security))
			}
			rep := run(t, o)
			if rep.ExitCode != 0 {
				t.Fatal(results(rep))
			}
			for _, logout := range []string{"imap.logout", "pop3.logout", "smtp.quit"} {
				check, step, _ := strings.Cut(logout, ".")
				if s := rep.Check(check).Step(step); s.Result != report.OK || s.Detail != "" {
					t.Errorf("%s: %s %s", logout, s.Result, s.Detail)
				}
			}
			for check, most := range map[string]int{"imap": tc.imap, "pop3": tc.pop, "smtp": tc.smtp} {
				if got := rep.Check(check).RoundTrips; got != most {
					t.Errorf("%s takes %d round trips, want %d", check, got, most)
				}
			}
			// Up to the found message: all of the check but LOGOUT, and the look.
			if found := rep.Check("imap").RoundTrips - 1 + 1; found > tc.look {
				t.Errorf("the message is found after %d round trips, want at most %d", found, tc.look)
			}
			if got := rep.Check("delivery").RoundTrips; got > tc.delivery {
				t.Errorf("the delivery takes %d round trips, want at most %d", got, tc.delivery)
			}
			if s := servers.Submissions(); tc.send == diagnose.SendMessage && bytes.Contains(s[0].Data, []byte(testmsg.SignatureField)) != (tc.keyring != nil) {
				t.Errorf("signed or not:\n%s", s[0].Data)
			}
		})
	}
}

// TestInterrupt stops the run at the beginning and at the end of each of its
// steps: it ends at once, says what was learned, leaves no connection open and
// no message that it knows of in the mailbox. With a second Ctrl-C that message
// may stay.
func TestInterrupt(t *testing.T) {
	for _, step := range steps(t) {
		for _, tc := range []struct {
			when         string
			ended, twice bool
		}{{"as it begins", false, false}, {"as it ends", true, false}, {"twice", false, true}} {
			if tc.twice && !strings.HasPrefix(step, "delivery.") && step != "smtp.data" {
				continue // before there is a message, once is enough
			}
			t.Run(step+" "+tc.when, func(t *testing.T) {
				t.Parallel()
				servers, o := start(t, lab.Options{})
				o.MX = true
				ctx, cancel := context.WithCancel(context.Background())
				defer cancel()
				abort, cancelAbort := context.WithCancel(context.Background())
				defer cancelAbort()
				o.Abort = abort
				arrived := false
				o.Observe = func(e report.Event) {
					if e.Step.ID == "delivery.arrive" && e.Step.Result == report.OK {
						arrived = true
					}
					if e.Step.ID == step && e.Ended == tc.ended {
						cancel()
						if tc.twice {
							cancelAbort()
						}
					}
				}
				began := time.Now()
				rep, err := verify.Run(ctx, o)
				if err != nil {
					t.Fatal(err)
				}
				validate(t, rep)
				complete(t, rep)
				if rep.ExitCode != report.ExitInterrupted {
					t.Errorf("exit status %d: %s", rep.ExitCode, results(rep))
				}
				if took := time.Since(began); took > 9*time.Second { // less than any of the limits
					t.Errorf("took %v", took)
				}
				// What reached the mailbox is gone, or the report names it.
				left := len(servers.Mailbox().Messages())
				if arrived && left > 0 && !tc.twice {
					t.Errorf("%d messages stay", left)
				}
				if left > 0 && (rep.Message == nil || rep.Message.Deleted) {
					t.Errorf("a message stays, and the report has %+v", rep.Message)
				}
				if l := rep.Verdict.Logins; l.Rejected > 0 {
					t.Errorf("logins %+v", l)
				}
				for end := time.Now().Add(time.Minute); servers.OpenConnections() > 0; runtime.Gosched() {
					if time.Now().After(end) {
						t.Fatalf("%d connections are open", servers.OpenConnections())
					}
				}
			})
		}
	}
}

// A candidate that cannot be connected to or secured gives way to the next one;
// it is a warning of the run, and both are in the report.
func TestNextCandidate(t *testing.T) {
	servers, o := start(t, lab.Options{})
	good := servers.Endpoint(report.IMAP, report.TLS)
	closed, clear := good, good
	closed.Port = 1
	clear.Port = servers.Endpoint(report.IMAP, report.STARTTLS).Port // clear text where TLS is expected
	o.Fixed = []report.Endpoint{closed, clear, good, servers.Endpoint(report.POP3, report.TLS), servers.Endpoint(report.SMTP, report.TLS)}
	rep := run(t, o)
	complete(t, rep)
	if rep.ExitCode != 0 || rep.Result != report.Warn {
		t.Errorf("exit status %d, %s: %s", rep.ExitCode, rep.Result, results(rep))
	}
	for id, want := range map[string]report.Result{"imap": report.Fail, "imap#2": report.Fail, "imap#3": report.OK} {
		if c := rep.Check(id); c == nil || c.Result != want {
			t.Errorf("%s: %+v", id, c)
		}
	}
	if rep.Verdict.Receive != report.OK || rep.Verdict.Delivery != report.OK {
		t.Errorf("receive %s, delivery %s", rep.Verdict.Receive, rep.Verdict.Delivery)
	}
}

// A run over one address family says so where a server has none of it.
func TestOneFamily(t *testing.T) {
	_, o := start(t, lab.Options{})
	o.Family = dns.IPv6
	rep := run(t, o)
	if rep.ExitCode != 11 || !strings.Contains(rep.Verdict.Headline, "imap.example.test has no IPv6 address") {
		t.Errorf("exit status %d: %s", rep.ExitCode, rep.Verdict.Headline)
	}
}
