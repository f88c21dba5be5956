package verify_test

import (
	"bytes"
	"crypto/tls"
	"strings"
	"testing"

	"mailcheck/creds"
	"mailcheck/internal/lab"
	"mailcheck/internal/render"
	"mailcheck/report"
)

// What our own sentences quote of a server has no secret in it, whatever the secret
// looks like and wherever the quotation is cut.
func TestQuotedWords(t *testing.T) {
	s := newStage(t)
	for name, tc := range map[string]struct {
		password, greeting string
		way                report.Security
	}{
		"letters and digits":    {"correcthorse9", "220 correcthorse9 ESMTP", report.TLS},
		"a sentence":            {"correct horse battery staple", "220 correct horse battery staple", report.TLS},
		"cut inside":            {`c4n4ry/"pass+wort!`, "220 " + strings.Repeat("x", 60-4-15) + `c4n4ry/"pass+wort!`, report.TLS},
		"before any encryption": {"correcthorse9", "220 correcthorse9 ESMTP", report.STARTTLS},
	} {
		t.Run(name, func(t *testing.T) {
			certificate, err := s.ca.Certificate(lab.LeafGood, hostileHost)
			if err != nil {
				t.Fatal(err)
			}
			script := "S: " + tc.greeting + "\n"
			if tc.way == report.TLS {
				script = "S! tls\n" + script
			}
			server, err := lab.StartScript(t.Context(), script, lab.ScriptOptions{TLS: &tls.Config{Certificates: []tls.Certificate{certificate}}})
			if err != nil {
				t.Fatal(err)
			}
			o := s.options(t, report.IMAP, tc.way, &tapped{port: server.Addr()})
			o.Credentials = creds.Options{PasswordStdin: strings.NewReader(tc.password + "\n")}
			rep := run(t, o)
			if rep.Verdict.Cause != report.ConfigWrongProtocol || !strings.Contains(rep.Verdict.Explanation, "began with") {
				t.Errorf("%s: %s", rep.Verdict.Cause, rep.Verdict.Explanation)
			}
			unsaid(t, rep, tc.password, tc.password[:8])
		})
	}
}

// unsaid asserts that no output format of a report has any of the parts.
func unsaid(t *testing.T, rep *report.Report, parts ...string) {
	t.Helper()
	for _, f := range render.Formats {
		var b bytes.Buffer
		if err := f.Write(&b, rep, render.Options{}); err != nil {
			t.Fatal(err)
		}
		for _, part := range parts {
			if i := strings.Index(b.String(), part); i >= 0 {
				t.Errorf("%s: ...%s...", f.Name, b.String()[max(0, i-80):i+len(part)])
			}
		}
	}
}
