//go:build unix

package verify_test

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

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

// handshakes makes the bare TLS handshakes of a check, and hears the greetings.
func handshakes(b *testing.B, o verify.Options) {
	for _, ep := range o.Fixed {
		raw, err := new(net.Dialer).DialContext(b.Context(), "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(ep.Port)))
		if err != nil {
			b.Fatal(err)
		}
		conn := tls.Client(raw, &tls.Config{ServerName: ep.Host, RootCAs: o.Roots})
		if err := conn.HandshakeContext(b.Context()); err != nil {
			b.Fatal(err)
		}
		if _, err := conn.Read(make([]byte, 1)); err != nil {
			b.Fatal(err)
		}
		conn.Close()
	}
}

// inTurn is how many checks follow as many bare handshakes.
const inTurn = 50

// BenchmarkOverHandshakes compares the CPU time of a check with that of its bare
// TLS handshakes, one a protocol: ratio is the one over the other. The servers
// are in another process, whose time does not count; both halves have one processor,
// as mailcheck ADDRESS has. Let's Encrypt is the issuer of most mail servers that an
// administrator runs, Google that of its own, DigiCert that of Outlook.com. The
// quicker the signatures are to verify, the more does the rest of a check weigh.
func BenchmarkOverHandshakes(b *testing.B) {
	for _, issuer := range []lab.Issuer{lab.IssuerLetsEncrypt, lab.IssuerGoogle, lab.IssuerDigiCert, lab.IssuerQuick} {
		for _, send := range []diagnose.SendDegree{diagnose.SendMessage, diagnose.SendRcpt} {
			b.Run(fmt.Sprintf("issuer=%s/send=%s", cmp.Or(issuer, "quick"), send), func(b *testing.B) {
				benchmarkOverHandshakes(b, issuer, send)
			})
		}
	}
}

func benchmarkOverHandshakes(b *testing.B, issuer lab.Issuer, send diagnose.SendDegree) {
	o := anotherProcess(b, 0, issuer)
	o.Send = send
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	var checks, bare time.Duration
	for b.Loop() {
		// Many of each in turn: the garbage collector comes once in some runs, and
		// must not always fall upon the same half.
		begin := cpu(b)
		for range inTurn {
			handshakes(b, o)
		}
		between := cpu(b)
		for range inTurn {
			rep, err := verify.Run(b.Context(), o)
			if err != nil || rep.ExitCode != 0 {
				b.Fatalf("%v, %s", err, strings.TrimSpace(rep.Verdict.Headline))
			}
		}
		checks, bare = checks+cpu(b)-between, bare+between-begin
	}
	b.ReportMetric(float64(checks)/float64(bare), "ratio")
	b.ReportMetric(float64(bare.Microseconds())/float64(inTurn*b.N), "bare-us")
	b.ReportMetric(float64(checks.Microseconds())/float64(inTurn*b.N), "check-us")
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
				err := verify.Batch(b.Context(), items(accounts, func(int) verify.Options { return o }), verify.BatchOptions{
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
