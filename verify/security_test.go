package verify_test

import (
	"cmp"
	"context"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"mailcheck/creds"
	"mailcheck/internal/diagnose"
	"mailcheck/internal/lab"
	"mailcheck/report"
	"mailcheck/verify"
)

// The hostile cases are numbered. Each stands in one of the tables of the
// security tests, as a whole run against a server that follows a script, or in
// [elsewhere]; TestEveryCaseIsTested demands it.

// canary is the password of every case, of the characters that are written
// otherwise somewhere; who is the user name, which is the address too.
const (
	canary = `c4n4ry "\pässwort/+`
	who    = "anna@example.test"
)

// The forms in which scripts name them.
var secrets = strings.NewReplacer(
	"{PLAIN}", base64.StdEncoding.EncodeToString([]byte("\x00"+who+"\x00"+canary)),
	"{USER}", base64.StdEncoding.EncodeToString([]byte(who)),
	"{PASSWORD}", base64.StdEncoding.EncodeToString([]byte(canary)),
	"{XOAUTH2}", base64.StdEncoding.EncodeToString([]byte("user="+who+"\x01auth=Bearer "+canary+"\x01\x01")),
	"{QUOTED}", `"`+strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(canary)+`"`,
	"{RAW}", canary, "{LENGTH}", strconv.Itoa(len(canary)),
)

// told is what a server may learn.
type told int

const (
	nothing   told = iota
	theName        // the user name
	theProof       // and something that only who knows the password can make
	theSecret      // and the password
)

// hostileCase is a server, and what a run of this one protocol comes to.
type hostileCase struct {
	name   string // "case 03 bytes behind the STARTTLS reply"
	check  report.Protocol
	way    report.Security
	script string
	leaf   lab.Leaf
	server func(*tls.Config)
	change func(*verify.Options)
	// unheard says that the client hangs up, so that the script is not
	// followed to its end.
	unheard bool
	told    told
	clear   bool // the user name and the password may cross in clear text

	step   string // that the run fails at; empty: it does not fail
	cause  report.Cause
	exit   int
	detail string // what the step says has this in it
	judge  func(*testing.T, *report.Report)
}

// stage is what the cases of one test have in common: a DNS with a domain, and
// an authority that certifies their servers.
type stage struct {
	dns string
	ca  *lab.CA
}

func newStage(t *testing.T) *stage {
	t.Helper()
	servers, err := lab.Start(context.Background(), lab.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { servers.Close() })
	ca, err := lab.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	return &stage{servers.DNSAddr(), ca}
}

// play runs the cases side by side.
func play(t *testing.T, cases []hostileCase) {
	s := newStage(t)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.play(t, s)
		})
	}
}

const hostileHost = "mail.example.test"

func (c hostileCase) play(t *testing.T, s *stage) {
	certificate, err := s.ca.Certificate(c.leaf, hostileHost)
	if err != nil {
		t.Fatal(err)
	}
	config := &tls.Config{Certificates: []tls.Certificate{certificate}}
	if c.server != nil {
		c.server(config)
	}
	server, err := lab.StartScript(t.Context(), secrets.Replace(c.script), lab.ScriptOptions{TLS: config})
	if err != nil {
		t.Fatal(err)
	}
	c.meet(t, s, server)
}

// opponent is a server that the client meets: a [lab.Script], or one that
// reckons.
type opponent interface {
	Addr() string
	// Wait waits for the end of the connection, and says where the client did
	// not do as it was expected to.
	Wait() error
	// Received is all that the client sent.
	Received() string
}

// meet runs the case against its server.
func (c hostileCase) meet(t *testing.T, s *stage, server opponent) {
	line := &tapped{port: server.Addr()}
	o := s.options(t, c.check, c.way, line)
	if c.change != nil {
		c.change(&o)
	}
	rep := run(t, o)
	if err := server.Wait(); err != nil && !c.unheard {
		t.Error(err)
	}
	c.compare(t, rep)
	c.search(t, "all that the server received", server.Received(), c.told)
	if !c.clear {
		c.search(t, "what crossed the network", line.sent(), nothing)
	}
	if line.elsewhere > 0 && rep.Check("probe") == nil {
		t.Errorf("%d connections went elsewhere", line.elsewhere)
	}
	if t.Failed() {
		t.Log(results(rep))
		for _, l := range rep.Checks {
			t.Log(strings.Join(l.Transcript, "\n"))
		}
	}
}

// options are those of a run that speaks this protocol alone, with the server
// that line leads to.
func (s *stage) options(t *testing.T, check report.Protocol, way report.Security, line *tapped) verify.Options {
	t.Helper()
	account, err := creds.ParseAddress(who)
	if err != nil {
		t.Fatal(err)
	}
	check, way = cmp.Or(check, report.IMAP), cmp.Or(way, report.STARTTLS)
	_, port, _ := net.SplitHostPort(line.port)
	number, _ := strconv.Atoi(port)
	return verify.Options{
		Account: account, Version: "test", DNS: s.dns, Roots: s.ca.Roots(), Dial: line.dial,
		Override:    map[string][]netip.Addr{hostileHost: {netip.MustParseAddr("127.0.0.1")}},
		Fixed:       []report.Endpoint{{Protocol: check, Host: hostileHost, Port: number, Security: way, Source: "flags", Trusted: true}},
		Leave:       slices.DeleteFunc([]report.Protocol{report.IMAP, report.POP3, report.SMTP}, func(p report.Protocol) bool { return p == check }),
		Credentials: creds.Options{PasswordStdin: strings.NewReader(canary + "\n")},
		Send:        diagnose.SendAuth, Transcript: true,
		StepTimeout: 30 * time.Second, Wait: 30 * time.Second, Silence: 30 * time.Second,
	}
}

// compare holds the run to what the case says of it.
func (c hostileCase) compare(t *testing.T, rep *report.Report) {
	t.Helper()
	v := rep.Verdict
	if v.FailedStep != c.step || v.Cause != c.cause && c.step != "" || rep.ExitCode != c.exit {
		t.Errorf("%s %s, exit status %d; want %s %s, %d", v.FailedStep, v.Cause, rep.ExitCode, c.step, c.cause, c.exit)
	}
	id, name, _ := strings.Cut(c.step, ".")
	if step := rep.Check(id).Step(name); step != nil && c.detail != "" && !strings.Contains(step.Detail+fmt.Sprint(step.Err), c.detail) {
		t.Errorf("it says %q, %v; want in it %q", step.Detail, step.Err, c.detail)
	}
	if c.judge != nil {
		c.judge(t, rep)
	}
}

// search looks for what the server may not know, in every form in which it
// could have been sent.
func (c hostileCase) search(t *testing.T, what, text string, may told) {
	t.Helper()
	for secret, least := range map[string]told{canary: theSecret, who: theName} {
		var scrub creds.Scrubber
		scrub.Add(secret)
		if clean := scrub.Scrub(text); may < least && clean != text {
			t.Errorf("%s holds %q: %q", what, secret, text)
		}
	}
}

// tapped is the network between a run and its server. Whatever else a run
// connects to refuses.
type tapped struct {
	port      string // of the server, as HOST:PORT
	mu        sync.Mutex
	bytes     strings.Builder
	elsewhere int
}

func (l *tapped) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if address != l.port {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.elsewhere++
		return nil, syscall.ECONNREFUSED
	}
	conn, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &tap{conn, l}, nil
}

func (l *tapped) sent() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.bytes.String()
}

// tap is a connection whose every sent byte is kept, as it crosses the network.
type tap struct {
	net.Conn
	line *tapped
}

func (c *tap) Write(p []byte) (int, error) {
	c.line.mu.Lock()
	c.line.bytes.Write(p)
	c.line.mu.Unlock()
	return c.Conn.Write(p)
}
