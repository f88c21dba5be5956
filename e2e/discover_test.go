//go:build linux

package e2e

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"mailcheck/report"
)

// serveWeb serves one document, as this type of content, at a URL
// "https://HOST/PATH" until the test ends.
func (s *site) serveWeb(t *testing.T, host, path, contentType, text string) {
	t.Helper()
	certificate, err := s.ca.webCertificate(host)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := tls.Listen("tcp", net.JoinHostPort(siteIP, "443"), &tls.Config{Certificates: []tls.Certificate{certificate}})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc(host+path, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		_, _ = w.Write([]byte(text)) // a client that hangs up is seen by its report
	})
	server := &http.Server{Handler: mux}
	ended := make(chan error)
	go func() { ended <- server.Serve(listener) }()
	t.Cleanup(func() {
		server.Close()
		<-ended
	})
}

// autoconfigFor is a configuration file that names one host for everything.
func autoconfigFor(host string) string {
	return fmt.Sprintf(`<?xml version="1.0" encoding="UTF-8"?>
<clientConfig version="1.1"><emailProvider id="%[1]s"><domain>%[1]s</domain>
<incomingServer type="imap"><hostname>%[2]s</hostname><port>993</port><socketType>SSL</socketType><username>%%EMAILADDRESS%%</username></incomingServer>
<incomingServer type="pop3"><hostname>%[2]s</hostname><port>995</port><socketType>SSL</socketType><username>%%EMAILADDRESS%%</username></incomingServer>
<outgoingServer type="smtp"><hostname>%[2]s</hostname><port>465</port><socketType>SSL</socketType><username>%%EMAILADDRESS%%</username></outgoingServer>
</emailProvider></clientConfig>
`, "two."+siteDomain, host)
}

// TestDiscover looks for settings by way of the real name server. The world has
// no ISPDB, which is one warning of each run.
func TestDiscover(t *testing.T) {
	s := theLab(t)
	const mail, mx, old = "mail." + siteDomain, "mx." + siteDomain, "old." + siteDomain
	everything := func(host, source string) []string {
		return []string{
			"imap " + host + ":993 " + source, "pop3 " + host + ":995 " + source, "smtp " + host + ":465 " + source,
		}
	}
	for _, tc := range []struct {
		name, domain string
		autoconfig   string // the host that it names; empty: nobody serves it
		chosen       []string
		others       []string // named, and not chosen
		because      string   // why the protocols that nobody names are skipped
		told         string   // who was told something
		cause        report.Cause
		step         string // that failed
		exit         int
	}{
		{name: "SRV", domain: siteDomain, chosen: everything(mail, "srv"),
			others: []string{"imap mail.lab.test:143 srv", "pop3 mail.lab.test:110 srv", "smtp mail.lab.test:587 srv",
				"imap mail.lab.test:993 guess", "imap mail.lab.test:143 guess", "pop3 mail.lab.test:995 guess", "pop3 mail.lab.test:110 guess",
				"smtp mail.lab.test:465 guess", "smtp mail.lab.test:587 guess"}},
		{name: "autoconfig disagrees, and works", domain: "two." + siteDomain, autoconfig: mx,
			chosen: everything(mx, "autoconfig"), others: everything(mail, "srv"),
			told: "autoconfig.two.lab.test: address", cause: report.SettingsConflict},
		{name: "autoconfig disagrees, and is wrong", domain: "two." + siteDomain, autoconfig: old,
			chosen: everything(mail, "srv"), others: everything(old, "autoconfig"),
			told: "autoconfig.two.lab.test: address", cause: report.SettingsConflict},
		{name: "POP3 is not offered", domain: "nopop." + siteDomain,
			chosen: []string{"imap mail.lab.test:993 srv", "smtp mail.lab.test:465 srv"}, because: "settings.srv"},
		{name: "sending is not offered", domain: "readonly." + siteDomain,
			chosen:  []string{"imap mail.lab.test:993 srv", "pop3 mail.lab.test:995 srv"},
			because: "settings.srv", cause: report.SettingsNotOffered, step: "settings.srv", exit: 10},
		{name: "no such domain", domain: "absent." + siteDomain, because: "settings.guess", cause: report.DNSNXDomain, step: "dns.mx", exit: 11},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if tc.autoconfig != "" {
				s.serveWeb(t, "autoconfig."+tc.domain, "/mail/config-v1.1.xml", "text/xml; charset=utf-8", autoconfigFor(tc.autoconfig))
			}
			o := s.check(t, session{}, "discover", "anna@"+tc.domain)
			v := o.report.Verdict
			if o.exit != tc.exit || v.Cause != tc.cause || v.FailedStep != tc.step {
				t.Errorf("exit status %d, %s at %q", o.exit, v.Cause, v.FailedStep)
			}
			var chosen, others []string
			for _, e := range o.report.Settings {
				text := fmt.Sprintf("%s %s:%d %s", e.Protocol, e.Host, e.Port, e.Source)
				if !e.Trusted || e.Username != "anna@"+tc.domain {
					t.Errorf("%s: trusted %v, user name %q", text, e.Trusted, e.Username)
				}
				if e.Chosen {
					chosen = append(chosen, text)
				} else {
					others = append(others, text)
				}
			}
			same(t, "chosen", chosen, tc.chosen)
			same(t, "not chosen", others, tc.others)
			var told []string
			for _, c := range o.report.Contacted {
				if len(c.Told) > 0 {
					told = append(told, c.Host+": "+strings.Join(c.Told, ", "))
				}
			}
			if got := strings.Join(told, "; "); got != tc.told {
				t.Errorf("told %s", got)
			}
			for _, p := range []report.Protocol{report.IMAP, report.POP3, report.SMTP} {
				if slices.ContainsFunc(o.report.Settings, func(e report.Endpoint) bool { return e.Protocol == p }) {
					continue
				}
				for _, step := range o.finished(t, string(p)).Steps {
					if step.Result != report.Skip || step.Because != tc.because {
						t.Errorf("%s is %s, because %q", step.ID, step.Result, step.Because)
					}
				}
			}
			o.logins(t, 0, 0)
		})
	}
}

// same compares two lists whatever their order.
func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	got, want = slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))
	if !slices.Equal(got, want) {
		t.Errorf("%s: %q\nwant %q", what, got, want)
	}
}
