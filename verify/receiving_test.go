package verify_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"mailcheck/creds"
	"mailcheck/internal/diagnose"
	"mailcheck/internal/dns"
	"mailcheck/internal/lab"
	"mailcheck/internal/render"
	"mailcheck/report"
	"mailcheck/verify"
)

const stsURL = "https://mta-sts.example.test/.well-known/mta-sts.txt"

// receiving are the steps of the check "mx" that are not ok, in short.
func receiving(t *testing.T, rep *report.Report) string {
	t.Helper()
	var out []string
	c := rep.Check(report.MXCheck)
	if c == nil || c != rep.Checks[len(rep.Checks)-1] {
		t.Fatal("the receiving side does not stand last")
	}
	for _, s := range c.Steps {
		if s.Result != report.OK {
			out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s %s", s.Step, s.Result, strings.TrimSpace(string(s.Cause)+" "+s.Because))))
		}
	}
	return strings.Join(out, ", ")
}

// relay has port 25 lead to a server that follows a script.
func relay(t *testing.T, script string) func(*verify.Options) {
	t.Helper()
	server, err := lab.StartScript(context.Background(), script, lab.ScriptOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Wait(); err != nil {
			t.Error(err)
		}
	})
	return func(o *verify.Options) {
		dial := o.Dial
		o.Dial = func(ctx context.Context, network, to string) (net.Conn, error) {
			if strings.HasSuffix(to, ":25") {
				to = server.Addr()
			}
			return dial(ctx, network, to)
		}
	}
}

// The receiving side of a healthy domain is well, and its mail server is told
// nothing but what comes before any mail.
func TestReceivingSide(t *testing.T) {
	t.Parallel()
	servers, o := start(t, lab.Options{Signed: true})
	o.MX, o.Transcript = true, true
	rep := run(t, o)
	complete(t, rep)
	if rep.ExitCode != 0 || results(rep) != "" {
		t.Errorf("exit status %d: %s", rep.ExitCode, results(rep))
	}
	c := rep.Check(report.MXCheck)
	var steps, sent []string
	for _, s := range c.Steps {
		steps = append(steps, strings.TrimSpace(s.Step+" "+s.Subject))
	}
	want := "host mail.example.test, connect mail.example.test, greeting mail.example.test, ehlo mail.example.test, " +
		"starttls mail.example.test, tls mail.example.test, spf, dkim, dmarc, mta-sts, tls-rpt, dane mail.example.test"
	if got := strings.Join(steps, ", "); got != want {
		t.Errorf("steps %s", got)
	}
	for _, line := range c.Transcript {
		if said, ok := strings.CutPrefix(line, "C: "); ok {
			sent = append(sent, said)
		}
	}
	if got := strings.Join(sent, ", "); got != "EHLO [127.0.0.1], STARTTLS, EHLO [127.0.0.1], QUIT" {
		t.Errorf("sent %s", got)
	}
	for _, want := range []report.Contact{{Host: "mail.example.test", Port: 25}, {Host: "mta-sts.example.test", Port: 443, Told: []string{"domain"}}} {
		if !slices.ContainsFunc(rep.Contacted, func(c report.Contact) bool {
			return c.Host == want.Host && c.Port == want.Port && c.Purpose == report.MXCheck && slices.Equal(c.Told, want.Told)
		}) {
			t.Errorf("contacted %+v", rep.Contacted)
		}
	}
	if n := len(servers.Submissions()); n != 1 {
		t.Errorf("%d messages were sent", n)
	}
}

// The receiving side alone needs no account: no secret is looked for, nothing is
// connected to but the MX, and its steps decide the exit status.
func TestReceivingSideAlone(t *testing.T) {
	for name, tc := range map[string]struct {
		lab      lab.Options
		domain   string
		exit     int
		headline string
	}{
		"a domain that is well": {lab: lab.Options{Signed: true},
			headline: "ALL IS WELL: mail from others can reach example.test; nothing else was checked."},
		"port 25 is blocked": {lab: lab.Options{Blocked: []int{25}},
			headline: "ALL IS WELL: the DNS of example.test is well; no mail server of it could be reached from here, and nothing else was checked."},
		"a certificate that MTA-STS does not take": {lab: lab.Options{RelayLeaf: lab.LeafSelfSigned}, exit: report.ExitTLS,
			headline: "NOT ALL IS WELL: the certificate of mail.example.test is not the one that its domain promises."},
		"null MX": {lab: lab.Options{Fault: "null-mx"}, exit: report.ExitDNS,
			headline: "NOT ALL IS WELL: example.test takes no mail."},
		"a domain that does not exist": {domain: "nowhere.test", exit: report.ExitDNS,
			headline: "NOT ALL IS WELL: nowhere.test does not exist."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			servers, o := start(t, tc.lab)
			o.MX, o.Leave = true, []report.Protocol{report.IMAP, report.POP3, report.SMTP}
			o.Credentials = creds.Options{Prompt: func(context.Context) (creds.Secret, error) {
				t.Error("a password was asked for")
				return creds.Secret{}, creds.ErrMissing
			}}
			if tc.domain != "" {
				o.Account, _ = creds.ParseAddress("taro@" + tc.domain)
			}
			rep := run(t, o)
			if rep.ExitCode != tc.exit || rep.Verdict.Headline != tc.headline {
				t.Errorf("exit status %d: %s", rep.ExitCode, rep.Verdict.Headline)
			}
			if s := rep.Check("creds").Steps[0]; s.Result != report.Skip || s.Because != report.ByFlags {
				t.Errorf("%s: %s because of %s", s.ID, s.Result, s.Because)
			}
			for _, c := range rep.Contacted {
				if c.Purpose != report.MXCheck {
					t.Errorf("contacted %+v", c)
				}
			}
			if n := len(servers.Submissions()); n > 0 || rep.Verdict.Logins.Made > 0 {
				t.Errorf("%d messages, %d logins", n, rep.Verdict.Logins.Made)
			}
		})
	}
}

func TestReceivingSideOfADomain(t *testing.T) {
	const noPolicy = "220 mail.example.test\nC: EHLO*\nS: 250 mail.example.test\nC: QUIT\nS: 221 bye\n"
	const unsent = "greeting skip mx.connect, ehlo skip mx.connect, starttls skip mx.connect, tls skip mx.connect"
	const noMail = "dkim skip flags"
	texts := func(name string, texts ...string) lab.Options {
		return lab.Options{Texts: map[string][]string{name: texts}}
	}
	unenforced := func(l lab.Options) lab.Options {
		l.Texts = map[string][]string{"_mta-sts": nil}
		return l
	}
	policy := func(document http.Handler) lab.Options {
		return lab.Options{Documents: map[string]http.Handler{stsURL: document}}
	}
	sts := func(mode, host string) http.Handler {
		return lab.Document("text/plain; charset=utf-8", "version: STSv1\nmode: "+mode+"\nmx: "+host+"\nmax_age: 86400\n")
	}
	many := make([]string, 0, 12)
	for i := range 12 {
		many = append(many, fmt.Sprintf("example.test. MX %d mx%d.example.test.", 20+i, i), fmt.Sprintf("mx%d.example.test. A 127.0.0.1", i))
	}
	for name, tc := range map[string]struct {
		lab    lab.Options
		change func(*testing.T) func(*verify.Options)
		exit   int
		failed string // the verdict's step and cause
		want   string
	}{
		// Servers.
		"port 25 is blocked": {lab: lab.Options{Blocked: []int{25}},
			want: "connect skip mx.port_blocked, " + unsent + ", " + noMail},
		"one of two does not answer": {lab: unenforced(lab.Options{Records: []string{"example.test. MX 20 mx2.example.test.", "mx2.example.test. A 127.0.0.3"}}),
			exit: report.ExitConnect, failed: "mx.connect connect.refused",
			want: "connect fail connect.refused, " + unsent + ", " + noMail},
		"one of two has no address": {lab: unenforced(lab.Options{Records: []string{"example.test. MX 20 mx2.example.test."}}),
			want: "host warn dns.mx_unresolvable, connect skip mx.host, " + strings.ReplaceAll(unsent, "mx.connect", "mx.host") + ", " + noMail},
		"none has an address": {lab: unenforced(lab.Options{MX: "mx.provider.test"}),
			want: "host fail dns.mx_unresolvable, connect skip mx.host, " + strings.ReplaceAll(unsent, "mx.connect", "mx.host") + ", " + noMail,
			exit: report.ExitDNS, failed: "dns.mx dns.mx_unresolvable"},
		"an alias": {lab: unenforced(lab.Options{MX: "mx.example.test", Hosts: []string{"mx.example.test"}, Records: []string{"mx.example.test. CNAME mail.example.test."}}),
			want: "host warn dns.mx_is_alias, " + noMail},
		"an alias with an address of our own": {lab: unenforced(lab.Options{MX: "mx.example.test", Hosts: []string{"mx.example.test"}, Records: []string{"mx.example.test. CNAME mail.example.test."}}),
			change: func(*testing.T) func(*verify.Options) {
				return func(o *verify.Options) {
					o.Override = map[string][]netip.Addr{"mx.example.test": {netip.MustParseAddr("127.0.0.1")}}
				}
			},
			want: "host warn dns.mx_is_alias, " + noMail},
		"an address for a name": {lab: unenforced(lab.Options{Records: []string{"example.test. MX 20 192.0.2.1."}}),
			want: "host warn dns.mx_is_alias, connect skip mx.host, " + strings.ReplaceAll(unsent, "mx.connect", "mx.host") + ", " + noMail},
		"the other family alone": {lab: lab.Options{}, change: func(*testing.T) func(*verify.Options) {
			return func(o *verify.Options) { o.Family = dns.IPv6 }
		}, exit: -1, want: "connect skip flags, " + strings.ReplaceAll(unsent, "mx.connect", "flags") + ", dkim skip flags, mta-sts skip flags"},
		"null MX": {lab: lab.Options{Fault: "null-mx"},
			want: "host skip dns.mx, connect skip dns.mx, " + strings.ReplaceAll(unsent, "mx.connect", "dns.mx") + ", " + noMail + ", dane skip dns.mx"},
		"refused for where it comes from": {lab: unenforced(lab.Options{}), change: func(t *testing.T) func(*verify.Options) {
			return relay(t, "S: 554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org\nC: QUIT\nS: 221 bye\n")
		}, want: "greeting skip greeting.rejected_ip, ehlo skip mx.greeting, starttls skip mx.greeting, tls skip mx.greeting, " + noMail},
		"no encryption": {lab: unenforced(lab.Options{}), change: func(t *testing.T) func(*verify.Options) { return relay(t, "S: "+noPolicy) },
			want: "starttls warn mx.starttls_missing, tls skip mx.starttls, " + noMail},
		"no encryption where it is demanded": {change: func(t *testing.T) func(*verify.Options) { return relay(t, "S: "+noPolicy) },
			exit: report.ExitTLS, failed: "mx.starttls mx.starttls_missing",
			want: "starttls fail mx.starttls_missing, tls skip mx.starttls, " + noMail},
		"a certificate of its own":  {lab: unenforced(lab.Options{RelayLeaf: lab.LeafSelfSigned}), want: "tls warn mx.certificate, " + noMail},
		"one that DANE vouches for": {lab: unenforced(lab.Options{RelayLeaf: lab.LeafSelfSigned, Signed: true}), want: noMail},
		"one that DANE vouches for, and MTA-STS does not": {lab: lab.Options{RelayLeaf: lab.LeafSelfSigned, Signed: true},
			exit: report.ExitTLS, failed: "mx.tls mx.certificate_demanded", want: "tls fail mx.certificate_demanded, " + noMail},
		"TLSA records that nobody can use": {lab: lab.Options{Signed: true, TLSA: "1 1 1 " + strings.Repeat("00", 32)},
			want: noMail + ", dane warn policy.dane_unusable"},
		"DANE, and nothing to compare": {lab: lab.Options{Signed: true, Blocked: []int{25}},
			want: "connect skip mx.port_blocked, " + unsent + ", " + noMail + ", dane skip mx.connect"},
		"one that expires soon": {lab: lab.Options{RelayLeaf: lab.LeafExpiresSoon}, want: "tls warn tls.expires_soon, " + noMail},

		// Records.
		"SPF with a mistake":     {lab: texts("", "v=spf1 ipv4:192.0.2.9 -all"), exit: report.ExitDNS, failed: "mx.spf policy.spf_syntax", want: "spf fail policy.spf_syntax, " + noMail},
		"SPF that needs much":    {lab: texts("", "v=spf1 include:example.test -all"), exit: report.ExitDNS, failed: "mx.spf policy.spf_lookups", want: "spf fail policy.spf_lookups, " + noMail},
		"SPF for anybody":        {lab: texts("", "v=spf1 +all"), want: "spf warn policy.spf_anybody, " + noMail},
		"SPF with ptr":           {lab: texts("", "v=spf1 ptr -all"), want: "spf warn policy.spf_ptr, " + noMail},
		"SPF into the void":      {lab: texts("", "v=spf1 a:x.example.test a:y.example.test a:z.example.test -all"), want: "spf warn policy.spf_void_lookups, " + noMail},
		"two DMARC records":      {lab: texts("_dmarc", "v=DMARC1; p=none", "v=DMARC1; p=reject"), want: noMail + ", dmarc warn policy.dmarc_several"},
		"DMARC with a mistake":   {lab: texts("_dmarc", "v=DMARC1; p=nothing"), want: noMail + ", dmarc warn policy.dmarc_syntax"},
		"TLS-RPT to nobody":      {lab: texts("_smtp._tls", "v=TLSRPTv1"), want: noMail + ", tls-rpt warn policy.tls_rpt_syntax"},
		"MTA-STS without an id":  {lab: texts("_mta-sts", "v=STSv1;"), want: noMail + ", mta-sts warn policy.mta_sts_record"},
		"no MTA-STS, no TLS-RPT": {lab: lab.Options{Texts: map[string][]string{"_mta-sts": nil, "_smtp._tls": nil}}, want: noMail},

		// The policy of MTA-STS.
		"offline": {change: func(*testing.T) func(*verify.Options) { return func(o *verify.Options) { o.Offline = true } },
			want: noMail + ", mta-sts skip flags"},
		"no policy":               {lab: policy(http.NotFoundHandler()), want: noMail + ", mta-sts warn policy.mta_sts_unreachable"},
		"a policy elsewhere":      {lab: policy(http.RedirectHandler("https://autoconfig.thunderbird.net/x", http.StatusMovedPermanently)), want: noMail + ", mta-sts warn policy.mta_sts_unreachable"},
		"an endless policy":       {lab: policy(lab.Document("text/plain", strings.Repeat("x: y\n", 20000))), want: noMail + ", mta-sts warn policy.mta_sts_unreachable"},
		"a page":                  {lab: policy(lab.Document("text/html", "<html>")), want: noMail + ", mta-sts warn policy.mta_sts_syntax"},
		"another host":            {lab: policy(sts("enforce", "mx.provider.test")), exit: report.ExitTLS, failed: "mx.mta-sts policy.mta_sts_host", want: noMail + ", mta-sts fail policy.mta_sts_host"},
		"another host, tried out": {lab: policy(sts("testing", "mx.provider.test")), want: noMail + ", mta-sts warn policy.mta_sts_host"},
		"one of two hosts": {lab: lab.Options{Hosts: []string{"mx2.example.test"}, Records: []string{"example.test. MX 20 mx2.example.test."}},
			want: noMail + ", mta-sts warn policy.mta_sts_host"},
		"more hosts than are tried": {lab: lab.Options{Records: many, Documents: map[string]http.Handler{stsURL: sts("none", "*.example.test")}},
			want: strings.Repeat("tls warn mx.certificate, ", 7) + strings.Repeat("host skip flags, ", 5) + noMail},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, o := start(t, tc.lab)
			o.MX, o.NoAuth, o.Send = true, true, diagnose.SendNone
			if tc.change != nil {
				tc.change(t)(&o)
			}
			if slices.Contains(tc.lab.Blocked, 25) {
				o.StepTimeout = 1e9 // what is lost on the way is waited for
			}
			rep := run(t, o)
			if got := receiving(t, rep); got != tc.want {
				t.Errorf("got\n%s\nwant\n%s", got, tc.want)
			}
			if v := rep.Verdict; tc.exit >= 0 && (rep.ExitCode != tc.exit || strings.TrimSpace(v.FailedStep+" "+string(v.Cause)) != tc.failed) {
				t.Errorf("exit status %d, %s %s, %s", rep.ExitCode, v.FailedStep, v.Cause, v.Headline)
			}
			narrow(t, rep)
		})
	}
}

// narrow holds the text of a report to its width.
func narrow(t *testing.T, rep *report.Report) {
	t.Helper()
	var out bytes.Buffer
	if err := render.Text(&out, rep, render.Options{}); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(out.String()) {
		if len(line) > 81 {
			t.Errorf("%d cells: %s", len(line)-1, line)
		}
	}
	t.Log("\n" + out.String())
}

// A receiving side that is not well takes neither receiving nor sending away.
func TestReceivingSideInTheHeadline(t *testing.T) {
	t.Parallel()
	_, o := start(t, lab.Options{Fault: "mx-spf-twice"})
	o.MX = true
	v := run(t, o).Verdict
	const want = "YOU CAN RECEIVE AND SEND, BUT NOT ALL IS WELL: example.test has more than one SPF record, so that none counts."
	if v.Headline != want || v.Receive != report.OK || v.Send != report.OK || v.Delivery != report.OK || len(v.AdminAdvice) != 1 {
		t.Errorf("%s, %s, %s: %s %q", v.Receive, v.Send, v.Delivery, v.Headline, v.AdminAdvice)
	}
}

// What the DNS says of the mail servers is told once.
func TestReceivingSideRepeatsNothing(t *testing.T) {
	t.Parallel()
	_, o := start(t, lab.Options{Records: []string{"example.test. MX 20 mx2.example.test."}, Texts: map[string][]string{"_mta-sts": nil}})
	o.MX = true
	rep := run(t, o)
	var found []string
	for _, f := range rep.Verdict.Findings {
		found = append(found, f.Step+" "+string(f.Cause))
	}
	if got := strings.Join(found, ", "); got != "dns.mx dns.mx_unresolvable" {
		t.Errorf("findings %s", got)
	}
}

// A search for settings looks at the receiving side too. What is wrong there
// does not make the settings wrong.
func TestDiscoverTheReceivingSide(t *testing.T) {
	for strict, exit := range map[bool]int{false: 0, true: report.ExitWarn} {
		t.Run(fmt.Sprintf("strict %v", strict), func(t *testing.T) {
			t.Parallel()
			rep := look(t, lab.Options{Fault: "mx-spf-twice"}, func(o *verify.Options) { o.Strict = strict })
			if rep.ExitCode != exit || rep.Result != report.Warn || rep.Verdict.FailedStep != "" {
				t.Errorf("exit status %d, %s: %s", rep.ExitCode, rep.Result, rep.Verdict.Headline)
			}
			if got := receiving(t, rep); got != "spf warn policy.spf_several, dkim skip flags" || rep.Check(report.MXCheck).Result != report.Warn {
				t.Errorf("%s: %s", rep.Check(report.MXCheck).Result, got)
			}
			var b bytes.Buffer
			for _, write := range []func(io.Writer, *report.Report, render.Options) error{render.Discovery, render.Prometheus} {
				if err := write(&b, rep, render.Options{}); err != nil {
					t.Fatal(err)
				}
			}
			for _, want := range []string{"  warn  SPF ", `step_success{account="anna@example.test",check="mx",step="spf",subject=""} 1`} {
				if !strings.Contains(b.String(), want) {
					t.Errorf("%q is not in\n%s", want, b.String())
				}
			}
			i := slices.IndexFunc(rep.Verdict.Findings, func(f report.Finding) bool { return f.Cause == report.PolicySPFSeveral })
			if i < 0 || !slices.ContainsFunc(rep.Verdict.Findings[i].Advice, func(a string) bool { return strings.Contains(a, "Make one TXT record") }) {
				t.Errorf("findings %+v", rep.Verdict.Findings)
			}
		})
	}
}

// A mail server of the domain knows the password where it is the account's own, too:
// what it says of it is masked like what the others say.
func TestReceivingSideEchoes(t *testing.T) {
	t.Parallel()
	const password = "correcthorse9" // of letters and digits, as words of our own are
	for _, line := range []string{"you are " + password, "220-" + password + "\nS: 250 " + password} {
		_, o := start(t, lab.Options{Password: password})
		o.Credentials.PasswordStdin = strings.NewReader(password + "\n")
		o.MX, o.Transcript, o.Send = true, true, diagnose.SendAuth
		relay(t, "S: "+line+"\nC: QUIT\nS: 221 bye\n")(&o)
		rep := run(t, o)
		step := rep.Check(report.MXCheck).Step("greeting")
		if step.Result != report.Fail || !strings.Contains(step.Detail, "[secret]") {
			t.Errorf("the greeting: %s, %q", step.Result, step.Detail)
		}
		unsaid(t, rep, password)
	}
}
