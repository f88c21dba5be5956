package main

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"mailcheck/creds"
	"mailcheck/internal/lab"
	"mailcheck/report"
	"mailcheck/verify"
)

// decision is a row of what symptoms mean: a run that is staged in the lab, and
// what the report must say of it.
type decision struct {
	lab    lab.Options
	change func(*testing.T, *verify.Options, *lab.Lab)

	headline string // how it begins
	step     string
	cause    report.Cause
	advice   string // a part of the first advice
	explains string // a part of the explanation
	says     string // a part of the report for people, on one line
}

// words makes servers answer steps with these words.
func words(pairs ...string) lab.Options {
	o := lab.Options{Words: map[string]string{}}
	for i := 0; i < len(pairs); i += 2 {
		o.Words[pairs[i]] = pairs[i+1]
	}
	return o
}

// at is a lab that plays a provider of the table: its servers under their
// names, at the ports that clients expect.
func at(o lab.Options, address string, hosts ...string) lab.Options {
	o.Address, o.Hosts, o.WellKnownPorts, o.NoSRV = address, hosts, true, true
	if strings.HasSuffix(address, "@free.fr") || strings.HasSuffix(address, "@icloud.com") {
		o.Username, _, _ = strings.Cut(address, "@")
	}
	return o
}

// outgoing is the submission server at a port, by flag.
func outgoing(o *verify.Options, port int) {
	o.Fixed = append(o.Fixed, report.Endpoint{Protocol: report.SMTP, Host: "smtp.example.test", Port: port, Security: report.STARTTLS, Source: "flags"})
	o.StepTimeout = 500 * time.Millisecond
}

// mute makes ports take no connection, as behind a firewall that drops them.
func mute(o *verify.Options, ports ...string) {
	dial := o.Dial
	o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		if _, port, _ := net.SplitHostPort(address); slices.Contains(ports, port) {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		return dial(ctx, network, address)
	}
}

// plays puts a server that follows a script behind ports, anew for each
// connection.
func plays(t *testing.T, o *verify.Options, ports []int, script ...string) {
	dial := o.Dial
	o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		_, port, _ := net.SplitHostPort(address)
		if number, _ := strconv.Atoi(port); slices.Contains(ports, number) {
			server, err := lab.StartScript(t.Context(), strings.Join(script, "\n"), lab.ScriptOptions{})
			if err != nil {
				return nil, err
			}
			address = server.Addr()
		}
		return dial(ctx, network, address)
	}
}

// answers puts a server that follows a script behind a port of the submission
// server.
func answers(t *testing.T, o *verify.Options, port int, script ...string) {
	outgoing(o, port)
	o.StepTimeout = 5 * time.Second
	plays(t, o, []int{port}, script...)
}

// shut makes a port refuse connections.
func shut(o *verify.Options, port string) {
	dial := o.Dial
	o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		if _, at, _ := net.SplitHostPort(address); at == port {
			return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.ECONNREFUSED}
		}
		return dial(ctx, network, address)
	}
}

// before puts a bad server of the lab's account at a further address of the
// IMAP host, which is tried first.
func before(t *testing.T, o *verify.Options, l *lab.Lab, address, fault string) {
	bad := startLab(t, lab.Options{Fault: fault})
	o.Roots.AppendCertsFromPEM(bad.CAPEM())
	o.Override = map[string][]netip.Addr{l.Endpoint(report.IMAP, report.TLS).Host: {netip.MustParseAddr(address), netip.MustParseAddr("127.0.0.1")}}
	ports := map[string]string{}
	for _, security := range []report.Security{report.TLS, report.STARTTLS} {
		ports[strconv.Itoa(l.Endpoint(report.IMAP, security).Port)] = strconv.Itoa(bad.Endpoint(report.IMAP, security).Port)
	}
	tried := make(chan struct{})
	once := sync.OnceFunc(func() { close(tried) })
	dial := o.Dial
	o.Dial = func(ctx context.Context, network, to string) (net.Conn, error) {
		host, port, _ := net.SplitHostPort(to)
		if host != address {
			if ports[port] != "" { // the good one loses the race
				select {
				case <-tried:
				case <-ctx.Done():
				}
			}
			return dial(ctx, network, to)
		}
		defer once()
		if ports[port] != "" {
			port = ports[port]
		}
		return bad.DialContext(ctx, network, net.JoinHostPort("127.0.0.1", port))
	}
}

// signIn makes the run log in with an access token.
func signIn(o *verify.Options, token string) {
	o.Credentials = creds.Options{TokenStdin: strings.NewReader(token + "\n")}
}

const wrongIMAP, wrongPOP3, wrongSMTP = "NO [AUTHENTICATIONFAILED] Authentication failed.", "-ERR [AUTH] Authentication failed.",
	"535 5.7.8 Error: authentication failed"

// wrong is every server refusing the password in plain words.
func wrong() lab.Options {
	return words("imap.auth", wrongIMAP, "pop3.auth", wrongPOP3, "smtp.auth", wrongSMTP)
}

const (
	cannotSend     = "YOU CAN RECEIVE BUT NOT SEND: "
	cannotReceive  = "YOU CAN SEND BUT NOT RECEIVE: "
	neither        = "NEITHER RECEIVING NOR SENDING WORKS: "
	neitherChecked = "NEITHER RECEIVING NOR SENDING COULD BE CHECKED: "
	notArriving    = "YOU CAN LOG IN AND SEND, BUT MAIL DOES NOT ARRIVE: "
)

// decisions are all rows that are staged, each named by the row, or by several
// that show the same, and what it is about.
func decisions() map[string]decision {
	all := maps.Clone(accountDecisions)
	maps.Copy(all, wayDecisions)
	return all
}

// decisionRows are how many rows the tables of symptoms have, by their letter.
var decisionRows = map[string]int{"A": 13, "B": 10, "C": 12, "D": 9, "E": 7, "F": 9}

// unseen is what no single run of the program can see of a row. The rest of the
// row is staged.
var unseen = map[string]string{
	"A13": "that the same login works from Japan: a run is made at one place",
	"C11": "that the login on the web page fails too: no web page is asked",
	"E1":  "that port 25 worked at home: a run is made at one place",
	"E4":  "that the login works at home: a run is made at one place",
	"E7":  "that the issuer is another one at home: a run is made at one place",
	"F1":  "that the password worked yesterday: a run knows of no other",
	"F4":  "that the MX was another one: a run knows of no other",
	"F6":  "that other providers work: only hosts of the account are asked",
}

// Every row of the tables has a case; none is named that they do not have.
func TestEveryDecision(t *testing.T) {
	rows := map[string]bool{}
	for letter, count := range decisionRows {
		for n := range count {
			rows[letter+strconv.Itoa(n+1)] = false
		}
	}
	for name := range decisions() {
		ids, _, _ := strings.Cut(name, " ")
		for id := range strings.SplitSeq(ids, ",") {
			if _, ok := rows[id]; !ok {
				t.Errorf("%q: there is no row %s", name, id)
			}
			rows[id] = true
		}
	}
	for id, staged := range rows {
		if !staged {
			t.Errorf("row %s is not staged", id)
		}
	}
	for id := range unseen {
		if !rows[id] {
			t.Errorf("there is no row %s of which something is unseen", id)
		}
	}
}

// Every row is staged with real servers of the lab and goes through the whole
// program.
func TestDecisions(t *testing.T) {
	for name, d := range decisions() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, rep := stage(t, d)
			v := rep.Verdict
			if d.headline == "" || !strings.HasPrefix(v.Headline, d.headline) {
				t.Errorf("headline %q", v.Headline)
			}
			cause, advice := v.Cause, v.Advice
			if d.step == "" && len(v.Findings) > 0 {
				cause, advice = v.Findings[0].Cause, v.Findings[0].Advice
			}
			if v.FailedStep != d.step || cause != d.cause {
				t.Errorf("%s at %q", cause, v.FailedStep)
			}
			if !strings.Contains(v.Explanation, d.explains) {
				t.Errorf("explanation %q", v.Explanation)
			}
			if d.cause != "" && (d.advice == "" || len(advice) == 0 || !strings.Contains(advice[0], d.advice)) {
				t.Errorf("advice %q", advice)
			}
			if !strings.Contains(strings.Join(strings.Fields(text), " "), d.says) {
				t.Errorf("it does not say %q", d.says)
			}
			if t.Failed() || testing.Verbose() {
				t.Log(text)
			}
		})
	}
}

// stage runs a row as the program runs a check, and returns both reports.
func stage(t *testing.T, d decision) (string, *report.Report) {
	t.Helper()
	servers, err := lab.Start(t.Context(), d.lab)
	if err != nil {
		t.Fatal(err)
	}
	defer servers.Close()
	account, err := creds.ParseAddress(servers.Address())
	if err != nil {
		t.Fatal(err)
	}
	o := verify.Options{
		Account: account, Version: "test", Roots: servers.Roots(), DNS: servers.DNSAddr(), Dial: servers.DialContext, Offline: true,
		Credentials: creds.Options{PasswordStdin: strings.NewReader(servers.Password() + "\n")},
		StepTimeout: 5 * time.Second, Wait: 100 * time.Millisecond, Silence: 50 * time.Millisecond,
	}
	if d.change != nil {
		d.change(t, &o, servers)
	}
	file := filepath.Join(t.TempDir(), "report.json")
	var stdout, stderr bytes.Buffer
	a := &app{stdin: strings.NewReader(""), stdout: &stdout, stderr: &stderr, env: func(string) (string, bool) { return "", false }}
	_ = a.verify(t.Context(), o, outputFlags{formats: []string{"text", "json=" + file}}) // the exit status is in the report
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	var rep report.Report
	if err := json.Unmarshal(data, &rep); err != nil {
		t.Fatal(err)
	}
	return stdout.String(), &rep
}
