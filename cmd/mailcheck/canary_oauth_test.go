package main

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mailcheck/internal/lab"
	"mailcheck/internal/render"
	"mailcheck/report"
)

// everywhere runs the main job with every output that there is, and keeps all
// that it wrote for the search.
func (d *desk) everywhere(servers *lab.Lab, args ...string) (status int) {
	d.t.Helper()
	dir, ca := d.t.TempDir(), filepath.Join(d.t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, servers.CAPEM(), 0o600); err != nil {
		d.t.Fatal(err)
	}
	args = append([]string{servers.Address(), "--offline", "--dns", servers.DNSAddr(), "--ca-file", ca, "--wait", "300ms"}, args...)
	for _, f := range render.Formats {
		args = append(args, "-o", f.Name+"="+filepath.Join(dir, f.Name))
	}
	_, status = d.run("", args...)
	files, err := os.ReadDir(dir)
	if err != nil || len(files) < len(render.Formats) {
		d.t.Fatalf("files %v, %v\n%s", files, err, d.written)
	}
	for _, f := range files {
		text, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			d.t.Fatal(err)
		}
		d.written += string(text)
	}
	return status
}

// signIns are the ways to sign in, for a test of each.
var signIns = map[string][]string{"browser": nil, "device": {"--device"}}

// TestCanaryOAuth signs in each way, checks the account with renewed tokens in
// every output, and searches all of it for each token, code, verifier and
// client's secret. (What the user types in on another device is shown.)
func TestCanaryOAuth(t *testing.T) {
	for _, way := range []string{"browser", "device"} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			authority := startAuthority(t, lab.AuthorityOptions{Rotate: true, Interval: 1, Secret: canary})
			servers := startLab(t, lab.Options{Authority: authority})
			d := newDesk(t)
			if written, status := d.run(canary+"\n", loginTo(authority, append(signIns[way], "--client-secret-stdin")...)...); status != report.ExitOK {
				t.Fatalf("exit status %d\n%s", status, written)
			}
			file := filepath.Join(t.TempDir(), "dialogue.txt")
			for _, args := range [][]string{{"-v", "--transcript"}, {"-v", "--transcript=" + file, "--lang", "ja"}, {"-q"}, {}} {
				if status := d.everywhere(servers, args...); status != report.ExitOK {
					t.Errorf("%v: exit status %d", args, status)
				}
			}
			text, err := os.ReadFile(file)
			if err != nil || !strings.Contains(string(text), "AUTHENTICATE OAUTHBEARER") {
				t.Errorf("the transcript is %q, %v", text, err)
			}
			d.written += string(text) + strings.Join(d.pages, "\n")
			for _, command := range []string{"check", "delete", "check"} {
				d.run("", "creds", command, lab.DefaultAddress)
			}
			kinds := map[string]int{"refresh": 5, "access": 5, "code": 1} // a sign-in, four checks
			if way == "device" {
				kinds = map[string]int{"refresh": 5, "access": 5, "device": 1}
			}
			for kind, want := range kinds {
				if n := strings.Count(strings.Join(authority.Secrets(), "\n"), kind+"-"); n != want {
					t.Errorf("%d secrets of the kind %s", n, kind)
				}
			}
			d.leaks(authority, canary)
		})
	}
}

// An authorization server that repeats what it was sent, in whatever form, does
// not get it printed: neither by login nor by a check.
func TestEchoedGrantIsNotPrinted(t *testing.T) {
	for _, tt := range []struct{ grant, way string }{
		{"authorization_code", "browser"}, {"device_code", "device"}, {"refresh_token", "browser"}, {"refresh_token", "device"},
	} {
		for _, code := range []string{"invalid_grant", "invalid_client", "unheard_of"} {
			t.Run(tt.grant+" "+tt.way+" "+code, func(t *testing.T) {
				t.Parallel()
				authority := startAuthority(t, lab.AuthorityOptions{Interval: 1, Secret: canary, Echo: true})
				servers := startLab(t, lab.Options{Authority: authority})
				d := newDesk(t)
				login := loginTo(authority, append(signIns[tt.way], "--client-secret-stdin")...)
				if tt.grant != "refresh_token" {
					authority.Refuse(tt.grant, code, "No.")
					if written, status := d.run(canary+"\n", login...); status == report.ExitOK || !strings.Contains(written, "You sent") {
						t.Errorf("exit status %d\n%s", status, written)
					}
				} else {
					if written, status := d.run(canary+"\n", login...); status != report.ExitOK {
						t.Fatalf("exit status %d\n%s", status, written)
					}
					authority.Refuse(tt.grant, code, "No.")
					if status := d.everywhere(servers, "-v", "--transcript"); status != report.ExitCreds || !strings.Contains(d.written, "You sent") {
						t.Errorf("exit status %d\n%s", status, d.written)
					}
				}
				d.leaks(authority, canary)
			})
		}
	}
}

// A mail server that repeats an access token, in the challenge too, does not get
// it printed.
func TestEchoedTokenIsNotPrinted(t *testing.T) {
	for _, mechanism := range []string{"XOAUTH2", "OAUTHBEARER"} {
		challenge := base64.StdEncoding.EncodeToString(fmt.Appendf(nil, `{"status":"401","schemes":"bearer","scope":%q}`, canary))
		script, err := lab.StartScript(t.Context(), "S: 220 hello\nC: EHLO*\nS: 250-x\nS: 250 AUTH "+mechanism+"\nC: AUTH "+mechanism+"*\n"+
			"S: 334 "+challenge+"\nC: *\nS: 535-5.7.8 that was "+canary+"\nS: 535 5.7.8 or "+base64.StdEncoding.EncodeToString([]byte(canary))+"\nC: QUIT\nS: 221 bye\n", lab.ScriptOptions{})
		if err != nil {
			t.Fatal(err)
		}
		written, status := runWith(t, startLab(t, lab.Options{}), canary, "--auth", mechanism, "--no-imap", "--no-pop", "--allow-cleartext", "--smtp", "smtp+insecure://"+script.Addr())
		search(t, written, canary)
		if status != report.ExitAuth || !strings.Contains(written, "5.7.8") {
			t.Errorf("%s: exit status %d\n%s", mechanism, status, written)
		}
		if err := script.Wait(); err != nil {
			t.Error(err)
		}
	}
}
