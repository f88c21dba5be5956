package verify_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"mailcheck/creds"
	"mailcheck/internal/lab"
	"mailcheck/report"
	"mailcheck/verify"
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

// BenchmarkSettings is a main job's search for settings in which every document
// and every answer of the DNS takes 100 ms: one source and those of less trust
// name everything, those of more trust nothing. Ratio is the time until all is
// known over that of the slowest source that was needed, chain the same time
// over the 100 ms.
func BenchmarkSettings(b *testing.B) {
	const late = 100 * time.Millisecond
	for _, first := range []string{"PACC", "autoconfig", "ISPDB", "SRV", "MX, autoconfig", "Autodiscover"} {
		b.Run(first, func(b *testing.B) {
			g := allLate(first, late)
			servers, o := start(b, g.lab)
			o.Dial, o.NoAuth, o.Account = servers.DialContext, true, g.account(b)
			source := voices[slices.IndexFunc(voices, func(v voice) bool { return v.name == first })].source
			var known, slowest time.Duration
			for b.Loop() {
				rep, err := verify.Run(b.Context(), o)
				if err != nil {
					b.Fatal(err)
				}
				if got := named(rep, source); strings.Count(got, "*") != 3 {
					b.Fatalf("%s named %s", source, got)
				}
				end, needed := time.Duration(0), time.Duration(0)
				steps := rep.Check("settings").Steps
				last := slices.IndexFunc(steps, func(s *report.Step) bool { return s.Step == source })
				for i, s := range steps {
					end = max(end, time.Duration(s.StartMS)*time.Millisecond+s.Duration)
					if i <= last {
						needed = max(needed, s.Duration)
					}
				}
				known, slowest = known+end, slowest+needed
			}
			b.ReportMetric(float64(known)/float64(slowest), "ratio")
			b.ReportMetric(float64(known)/float64(b.N)/float64(late), "chain")
		})
	}
}

// allLate is a ground on which everything answers late: the voices from the
// first one on name the servers, the places of those before are empty.
func allLate(first string, late time.Duration) *ground {
	g := newGround()
	speaks := false
	for _, v := range voices {
		if speaks = speaks || v.name == first; v.table || v.source == "flags" || v.source == "guess" {
			continue
		}
		says := newGround()
		before := len(says.lab.Records)
		v.say(says, says.servers(true))
		for url, document := range says.lab.Documents {
			if !speaks {
				document = http.NotFoundHandler()
			}
			g.document(url, lab.Late(late, document))
		}
		if speaks {
			g.lab.Records = append(g.lab.Records, says.lab.Records[before:]...)
		}
	}
	g.lab.DNSDelay, g.lab.WellKnownPorts = late, true
	return g
}

// longestChain counts the round trips that wait for each other.
func longestChain(rep *report.Report) int {
	imap, smtp, delivery := rep.Check("imap"), rep.Check("smtp"), rep.Check("delivery")
	toLogin := imap.RoundTrips - 2 // without EXAMINE and LOGOUT, which come later or beside
	sending := 3                   // AUTH; MAIL, RCPT and DATA; the message
	if preAuth := smtp.RoundTrips - sending; preAuth > toLogin {
		toLogin = preAuth // SMTP is ready for its login after IMAP's yes
	}
	arrival := delivery.RoundTrips - 1 // IDLE is entered while SMTP logs in
	const logout = 1
	return toLogin + sending + arrival + logout
}
