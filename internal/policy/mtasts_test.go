package policy

import (
	"errors"
	"strings"
	"testing"

	"mailcheck/report"
)

func TestSTSRecord(t *testing.T) {
	for record, want := range map[string]string{
		"":                                "ok: ",
		"v=STSv1; id=20160831085700Z;":    "ok: 20160831085700Z",
		"v=STSv1;id=1":                    "ok: 1",
		"v=STSv1; foo=bar; id=a1; x=y":    "ok: a1",
		"v=STSv1; id=2016-08-31":          "policy.mta_sts_record: v=STSv1; id=2016-08-31; it has no id of letters and digits alone",
		"v=STSv1;":                        "policy.mta_sts_record: v=STSv1;; it has no id of letters and digits alone",
		"id=1; v=STSv1":                   "policy.mta_sts_record: id=1; v=STSv1; a record has to begin with v=STSv1;",
		"v=STSv1 id=1":                    "policy.mta_sts_record: v=STSv1 id=1; it has no id of letters and digits alone",
		"SERVFAIL":                        "dns.servfail",
		"v=STSv1; id=" + sevens(33) + ";": "policy.mta_sts_record: ~",
	} {
		z := zone{"_mta-sts.example.com TXT": {record}}
		if record == "" {
			z = zone{}
		}
		id, err := STSRecord(t.Context(), z, "example.com")
		compare(t, outcome(Finding{Detail: id}, err), want)
	}
	_, err := STSRecord(t.Context(), zone{"_mta-sts.example.com TXT": {"v=STSv1; id=1", "v=STSv1; id=2"}}, "example.com")
	compare(t, outcome(Finding{}, err), "policy.mta_sts_record: _mta-sts.example.com has 2 records, so that none counts")
}

func sevens(n int) string { return strings.Repeat("7", n) }

func TestParseSTS(t *testing.T) {
	const sound = "version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: *.example.net\r\nmx: backupmx.example.com\r\nmax_age: 604800\r\n"
	p, err := ParseSTS([]byte(sound), "text/plain; charset=utf-8")
	if err != nil {
		t.Fatal(err)
	}
	if !p.Enforced() || p.MaxAge.Hours() != 168 {
		t.Errorf("%+v", p)
	}
	for host, want := range map[string]bool{
		"mail.example.com": true, "MAIL.example.COM": true, "mx.example.net": true, "example.net": false, "a.b.example.net": false,
		"mail.example.org": false, "xmail.example.com": false,
	} {
		if p.Covers(host) != want {
			t.Errorf("%s is covered: %v", host, !want)
		}
	}
	for body, want := range map[string]string{
		"version: STSv1\nmode: none\nmax_age: 86400":                                            "none",
		"version:STSv1\nmode:testing\nmode: enforce\nnew: thing\n\nmx:a.example.com\nmax_age:0": "testing",
		strings.Replace(sound, "STSv1", "STSv2", 1):                                             "the policy does not say version: STSv1",
		strings.Replace(sound, "enforce", "Enforce", 1):                                         `mode: "Enforce" is not one of enforce, testing, none`,
		strings.Replace(sound, "604800", "31557601", 1):                                         `max_age: "31557601" is no number of seconds up to 31557600`,
		strings.Replace(sound, "604800", "-1", 1):                                               `max_age: "-1" is no number of seconds up to 31557600`,
		strings.Replace(sound, "mail.example.com", "https://mail.example.com", 1):               `mx: "https://mail.example.com" is no host`,
		strings.Replace(sound, "mail.example.com", "", 1):                                       `mx: "" is no host`,
		"version: STSv1\nmode: enforce\nmax_age: 86400":                                         "the policy names no mx",
		"<html>": `"<html>" is no line of a policy`,
		sound + strings.Repeat("x: y\n", MaxSTSPolicy/5): "the policy is longer than 65536 bytes",
	} {
		p, err := ParseSTS([]byte(body), "text/plain")
		if err == nil && p.Mode != want {
			t.Errorf("%q: mode %s, want %s", body, p.Mode, want)
		}
		var f *report.Fault
		if err != nil && (!errors.As(err, &f) || f.Cause != report.PolicyMTASTSSyntax || f.Text != want) {
			t.Errorf("%.80q: %v, want %s", body, err, want)
		}
	}
	if _, err := ParseSTS([]byte(sound), "text/html"); err == nil || !strings.Contains(err.Error(), `"text/html"`) {
		t.Errorf("as HTML: %v", err)
	}
	if (*STS)(nil).Enforced() {
		t.Error("no policy demands something")
	}
}

// FuzzSTS: a policy that is taken is a whole one, and demands hosts by name.
func FuzzSTS(f *testing.F) {
	f.Add([]byte("version: STSv1\nmode: enforce\nmx: *.example.com\nmax_age: 1\n"), "text/plain", "a.example.com")
	f.Add([]byte("mx: \x1b\n"), "text/html", "")
	f.Fuzz(func(t *testing.T, body []byte, contentType, host string) {
		p, err := ParseSTS(body, contentType)
		if err != nil {
			harmless(t, err.Error())
			return
		}
		if len(p.Hosts) > maxSTSHosts || p.MaxAge.Seconds() > maxSTSAge || p.Mode != "none" && len(p.Hosts) == 0 {
			t.Errorf("%+v", p)
		}
		if p.Covers(host) && (host == "" || strings.ContainsAny(host, " \r\n*")) && !strings.Contains(host, ".") {
			t.Errorf("%q is covered by %q", host, p.Hosts)
		}
	})
}
