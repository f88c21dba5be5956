package verify_test

import (
	"net/http"
	"testing"
	"time"

	"mailcheck/creds"
	"mailcheck/internal/lab"
	"mailcheck/report"
	"mailcheck/verify"
	"strings"
)

// check runs the whole job once more against running servers.
func check(b *testing.B, servers *lab.Lab, o verify.Options) *report.Report {
	o.Credentials = creds.Options{PasswordStdin: strings.NewReader(servers.Password() + "\n")}
	rep, err := verify.Run(b.Context(), o)
	if err != nil {
		b.Fatal(err)
	}
	if rep.ExitCode != 0 {
		b.Fatal(results(rep))
	}
	return rep
}

// fixed names the endpoints by flags, as the benchmarks of the network do.
func fixed(servers *lab.Lab, o verify.Options, s report.Security) verify.Options {
	for _, p := range []report.Protocol{report.IMAP, report.POP3, report.SMTP} {
		o.Fixed = append(o.Fixed, servers.Endpoint(p, s))
	}
	return o
}

// BenchmarkCheck is the CPU time and the allocations of one full check, the
// lab's servers in the same process included.
func BenchmarkCheck(b *testing.B) {
	servers, o := start(b, lab.Options{Mechanisms: []string{"PLAIN"}})
	o = fixed(servers, o, report.TLS)
	b.ReportAllocs()
	for b.Loop() {
		check(b, servers, o)
	}
}

// BenchmarkRoundTrip50ms is the wall time of the whole job where a round trip
// takes 50 ms. The longest chain of round trips is IMAP up to its login, then
// SMTP from its login to the message, then the delivery and LOGOUT; ratio is
// the wall time over that chain's.
func BenchmarkRoundTrip50ms(b *testing.B) {
	const trip = 50 * time.Millisecond
	for _, security := range []report.Security{report.TLS, report.STARTTLS} {
		b.Run(string(security), func(b *testing.B) {
			servers, o := start(b, lab.Options{Mechanisms: []string{"PLAIN"}, Delay: trip / 2})
			o = fixed(servers, o, security)
			chain := 0
			for b.Loop() {
				chain = longestChain(check(b, servers, o))
			}
			wall := b.Elapsed() / time.Duration(b.N)
			b.ReportMetric(float64(chain), "trips")
			b.ReportMetric(float64(wall)/float64(time.Duration(chain)*trip), "ratio")
		})
	}
}

// BenchmarkSettings is a discovery in which the domain's autoconfig answers
// after 100 ms and nothing of more trust does. Ratio is the time until all
// settings are known over that.
func BenchmarkSettings(b *testing.B) {
	const late = 100 * time.Millisecond
	named, _ := start(b, lab.Options{NoSRV: true}) // for the servers of the document
	document := lab.Autoconfig("example.test", named.Endpoints()...)
	_, o := start(b, lab.Options{Mechanisms: []string{"PLAIN"}, NoSRV: true, Documents: map[string]http.Handler{
		"https://autoconfig.example.test/mail/config-v1.1.xml": lab.Late(late, document),
	}})
	o.NoAuth = true
	var known time.Duration
	for b.Loop() {
		rep, err := verify.Run(b.Context(), o)
		if err != nil {
			b.Fatal(err)
		}
		for _, s := range rep.Check("settings").Steps {
			known = max(known, time.Duration(s.StartMS)*time.Millisecond+s.Duration)
		}
	}
	b.ReportMetric(float64(known)/float64(late), "ratio")
}

// longestChain counts the round trips that wait for each other.
func longestChain(rep *report.Report) int {
	imap, smtp, delivery := rep.Check("imap"), rep.Check("smtp"), rep.Check("delivery")
	toLogin := imap.RoundTrips - 2 // without EXAMINE and LOGOUT, which come later or beside
	sending := 3                   // AUTH; MAIL, RCPT and DATA; the message
	if preAuth := smtp.RoundTrips - sending - 1; preAuth > toLogin {
		toLogin = preAuth // SMTP is ready for its login after IMAP's yes
	}
	arrival := delivery.RoundTrips - 1 // IDLE is entered while SMTP logs in
	const logout = 1
	return toLogin + sending + arrival + logout
}
