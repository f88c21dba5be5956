//go:build unix

package verify_test

import (
	"bufio"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/miekg/dns"

	"mailcheck/creds"
	"mailcheck/internal/diagnose"
	"mailcheck/internal/lab"
	"mailcheck/report"
	"mailcheck/verify"
)

// anotherProcess starts a lab in a process of its own, and returns the options of a
// check against it.
func anotherProcess(b *testing.B, delay time.Duration, issuer lab.Issuer) verify.Options {
	b.Helper()
	program := filepath.Join(b.TempDir(), "lab")
	if out, err := exec.Command("go", "build", "-o", program, "./testdata/lab").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	cmd := exec.Command(program, delay.String(), string(issuer))
	stdin, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		stdin.Close()
		if err := cmd.Wait(); err != nil {
			b.Error(err)
		}
	})
	var reached struct {
		Address, Password, DNS string
		Roots                  []byte
		Fixed                  []report.Endpoint
	}
	if err := json.NewDecoder(stdout).Decode(&reached); err != nil {
		b.Fatal(err)
	}
	account, err := creds.ParseAddress(reached.Address)
	if err != nil {
		b.Fatal(err)
	}
	o := verify.Options{Account: account, Version: "test", DNS: reached.DNS, Fixed: reached.Fixed, Roots: x509.NewCertPool()}
	o.Roots.AppendCertsFromPEM(reached.Roots)
	password := reached.Password
	o.Credentials.Env = func(string) (string, bool) { return password, true }
	return o
}

// cpu is the time that this process has computed for so far, in all its threads.
func cpu(b *testing.B) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// handshake makes one TLS handshake of a check, and hears the greeting. Known says that
// the chain was verified before.
func handshake(b *testing.B, o verify.Options, ep report.Endpoint, known bool) (net.Conn, *bufio.Reader) {
	raw, err := new(net.Dialer).DialContext(b.Context(), "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(ep.Port)))
	if err != nil {
		b.Fatal(err)
	}
	conn := tls.Client(raw, &tls.Config{ServerName: ep.Host, RootCAs: o.Roots, InsecureSkipVerify: known})
	if err := conn.HandshakeContext(b.Context()); err != nil {
		b.Fatal(err)
	}
	in := bufio.NewReaderSize(conn, 1<<10)
	if _, err := in.ReadSlice('\n'); err != nil {
		b.Fatal(err)
	}
	return conn, in
}

// handshakes makes the bare TLS handshakes of a check.
func handshakes(b *testing.B, o verify.Options) {
	for _, ep := range o.Fixed {
		conn, _ := handshake(b, o, ep, false)
		conn.Close()
	}
}

// turns counts how often a connection was read from after it was written to.
type turns struct {
	net.Conn
	mu    sync.Mutex
	wrote bool
	n     int
}

func (t *turns) Write(p []byte) (int, error) {
	t.mu.Lock()
	t.wrote = true
	t.mu.Unlock()
	return t.Conn.Write(p)
}

func (t *turns) Read(p []byte) (int, error) {
	n, err := t.Conn.Read(p)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.wrote && n > 0 {
		t.n++
		t.wrote = false
	}
	return n, err
}

// exchangesOf makes a check and returns how many exchanges it has with each server, by
// its port, behind the greeting.
func exchangesOf(b *testing.B, o verify.Options) map[string]int {
	conns := map[string]*turns{}
	var mu sync.Mutex
	o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		mu.Lock()
		defer mu.Unlock()
		_, port, _ := net.SplitHostPort(address)
		conns[port] = &turns{Conn: conn}
		return conns[port], nil
	}
	if rep, err := verify.Run(b.Context(), o); err != nil || rep.ExitCode != 0 {
		b.Fatal(err, rep)
	}
	exchanges := map[string]int{}
	for port, conn := range conns {
		exchanges[port] = conn.n - 2 // the hello, and what ends the handshake
	}
	return exchanges
}

// floor makes the TLS handshakes of a check, as many exchanges as it has, with short
// commands, and asks the DNS as much, all in plain loops one after the other: what a
// check would take that had no steps, limits, secrets, messages or report. The chain
// is verified once, as a check does.
func floor(b *testing.B, o verify.Options, exchanges map[string]int, domain string) {
	ask := func(name string, types ...uint16) {
		conn, err := net.Dial("udp", o.DNS)
		if err != nil {
			b.Fatal(err)
		}
		defer conn.Close()
		room := make([]byte, dns.MinMsgSize)
		for _, t := range types {
			query, err := new(dns.Msg).SetQuestion(dns.Fqdn(name), t).Pack()
			if err != nil {
				b.Fatal(err)
			}
			if _, err := conn.Write(query); err != nil {
				b.Fatal(err)
			}
		}
		for range types {
			n, err := conn.Read(room)
			if err != nil || new(dns.Msg).Unpack(room[:n]) != nil {
				b.Fatal(err)
			}
		}
	}
	ask(domain, dns.TypeMX)
	if o.Override == nil {
		ask("mail."+domain, dns.TypeA, dns.TypeAAAA)
	}
	for i, ep := range o.Fixed {
		if o.Override == nil {
			ask(ep.Host, dns.TypeA, dns.TypeAAAA)
		}
		conn, in := handshake(b, o, ep, i > 0)
		command := map[report.Protocol]string{report.IMAP: "a NOOP\r\n", report.POP3: "CAPA\r\n", report.SMTP: "NOOP\r\n"}[ep.Protocol]
		for range exchanges[strconv.Itoa(ep.Port)] {
			if _, err := io.WriteString(conn, command); err != nil {
				b.Fatal(err)
			}
			for more := true; more; {
				line, err := in.ReadSlice('\n')
				if err != nil {
					b.Fatal(err)
				}
				more = ep.Protocol == report.POP3 && string(line) != ".\r\n"
			}
		}
		conn.Close()
	}
}

// inTurn is how many checks follow as many bare handshakes.
const inTurn = 50

// BenchmarkOverHandshakes compares the CPU time of a check with that of its bare
// TLS handshakes, one a protocol: ratio is the one over the other, and floor-ratio
// that of its bare exchanges, DNS included (see floor), over the same. The servers
// are in another process, whose time does not count; both halves have one processor,
// as mailcheck ADDRESS has. Let's Encrypt is the issuer of most mail servers that an
// administrator runs, Google that of its own, DigiCert that of Outlook.com. The
// quicker the signatures are to verify, the more does the rest of a check weigh; and
// the more of it is asked for: a message that is awaited, the envelope of one, or
// three logins and mailboxes, for which the DNS need not be asked where the addresses
// are given (--resolve).
func BenchmarkOverHandshakes(b *testing.B) {
	for _, issuer := range []lab.Issuer{lab.IssuerLetsEncrypt, lab.IssuerGoogle, lab.IssuerDigiCert, lab.IssuerQuick} {
		for _, send := range []diagnose.SendDegree{diagnose.SendMessage, diagnose.SendRcpt, diagnose.SendAuth} {
			b.Run(fmt.Sprintf("issuer=%s/send=%s", cmp.Or(issuer, "quick"), send), func(b *testing.B) {
				benchmarkOverHandshakes(b, issuer, send, false)
			})
		}
		b.Run(fmt.Sprintf("issuer=%s/send=%s/resolve", cmp.Or(issuer, "quick"), diagnose.SendAuth), func(b *testing.B) {
			benchmarkOverHandshakes(b, issuer, diagnose.SendAuth, true)
		})
	}
}

func benchmarkOverHandshakes(b *testing.B, issuer lab.Issuer, send diagnose.SendDegree, addressed bool) {
	o := anotherProcess(b, 0, issuer)
	o.Send = send
	if addressed {
		o.Override = map[string][]netip.Addr{}
		for _, name := range []string{"mail", "imap", "pop", "smtp"} {
			o.Override[name+"."+o.Account.Domain] = []netip.Addr{netip.MustParseAddr("127.0.0.1")}
		}
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	exchanges := exchangesOf(b, o)
	var checks, bare, least []time.Duration
	for b.Loop() {
		// Many of each in turn: the garbage collector comes once in some runs, and
		// must not always fall upon the same part.
		least = append(least, cpuOf(b, func() { floor(b, o, exchanges, o.Account.Domain) }))
		bare = append(bare, cpuOf(b, func() { handshakes(b, o) }))
		checks = append(checks, cpuOf(b, func() {
			rep, err := verify.Run(b.Context(), o)
			if err != nil || rep.ExitCode != 0 {
				b.Fatalf("%v, %s", err, strings.TrimSpace(rep.Verdict.Headline))
			}
		}))
	}
	b.ReportMetric(float64(median(checks))/float64(median(bare)), "ratio")
	b.ReportMetric(float64(median(least))/float64(median(bare)), "floor-ratio")
	b.ReportMetric(float64(median(bare).Microseconds()), "bare-us")
	b.ReportMetric(float64(median(checks).Microseconds()), "check-us")
}

// cpuOf is the CPU time of one call of f, as the mean of inTurn of them.
func cpuOf(b *testing.B, f func()) time.Duration {
	begin := cpu(b)
	for range inTurn {
		f()
	}
	return (cpu(b) - begin) / inTurn
}

// median is the middle one of what was measured in turns: where the machine was slow
// for a while, the turns of that while do not count.
func median(of []time.Duration) time.Duration {
	slices.Sort(of)
	return of[len(of)/2]
}

// ofRow gives the account an address of its own in each row of a batch: of one account
// no more than two logins are made at the same time.
func ofRow(b *testing.B, o verify.Options, row int) verify.Options {
	account, err := creds.ParseAddress(fmt.Sprintf("%s+%d@%s", o.Account.Local, row, o.Account.Domain))
	if err != nil {
		b.Fatal(err)
	}
	o.Account = account
	return o
}

// BenchmarkBatch is a batch of up to 1,000 accounts where a round trip takes 50 ms, all
// at the same servers, which are in another process. It tells accounts a second,
// the CPU time and the wall time of an account, the share of the jobs that was in
// use (1: nothing but jobs bounds it), and the most memory that the process took.
func BenchmarkBatch(b *testing.B) {
	const trip = 50 * time.Millisecond
	for jobs, accounts := range map[int]int{8: 200, 64: 1000} {
		b.Run(strconv.Itoa(jobs), func(b *testing.B) {
			o := anotherProcess(b, trip/2, lab.IssuerQuick)
			o.Send = diagnose.SendRcpt
			o.Leave = []report.Protocol{report.POP3} // the accounts share a maildrop, which one session locks
			before, begin := cpu(b), time.Now()
			var inside time.Duration
			for b.Loop() {
				err := verify.Batch(b.Context(), items(accounts, func(i int) verify.Options { return ofRow(b, o, i) }), verify.BatchOptions{
					Jobs: jobs, PerHost: jobs,
					End: func(_ verify.Item, rep *report.Report, err error) bool {
						if err != nil || rep.ExitCode != report.ExitOK {
							b.Error("an account failed")
							return false
						}
						inside += time.Duration(rep.DurationMS) * time.Millisecond
						return true
					},
				})
				if err != nil {
					b.Fatal(err)
				}
			}
			n := float64(b.N * accounts)
			wall := time.Since(begin)
			var used syscall.Rusage
			if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(n/wall.Seconds(), "accounts/s")
			b.ReportMetric(float64((cpu(b)-before).Microseconds())/n, "cpu-us/account")
			b.ReportMetric(float64(inside.Milliseconds())/n, "ms/account")
			b.ReportMetric(inside.Seconds()/wall.Seconds()/float64(jobs), "jobs-used")
			b.ReportMetric(float64(used.Maxrss)/1024, "peak-MiB")
		})
	}
}
