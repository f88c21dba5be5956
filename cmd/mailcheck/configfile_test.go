package main

import (
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"mailcheck/creds"
	"mailcheck/internal/config"
	"mailcheck/internal/lab"
	"mailcheck/report"
)

// examples are values for flags that take a text, as TOML has them.
var examples = map[string]string{
	"imap": `"imaps://imap.example.com"`, "pop": `"pop3s://pop.example.com"`, "smtp": `"smtps://smtp.example.com"`,
	"expect": `["smtp.rcpt=fail:submit.relay_denied"]`, "resolve": `["a.example:192.0.2.1"]`, "user": `"anna"`, "imap-user": `"anna"`, "pop-user": `"anna"`, "smtp-user": `"anna"`,
	"auth": `"PLAIN"`, "password-file": `"/etc/password"`, "password-command": `"echo x"`, "token-command": `"echo x"`,
	"send": `"rcpt"`, "to": `"b@example.com"`, "from": `"c@example.com"`, "helo": `"host.example.com"`,
	"pin": `"` + strings.Repeat("ab", 32) + `"`, "dns": `"192.0.2.53:53"`,
	"output": `["json"]`, "transcript": `"/dev/null"`, "lang": `"ja"`,
	"client-id": `"x"`, "issuer": `"https://auth.example.com"`, "scope": `["mail"]`,
}

// Each flag of the main job and of login can stand in the file, or is among
// those that cannot. A new flag needs a value here, or a line there.
func TestEveryFlagInTheFile(t *testing.T) {
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, startLab(t, lab.Options{}).CAPEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	examples := maps.Clone(examples)
	examples["ca-file"] = `"` + filepath.ToSlash(ca) + `"`
	for _, command := range []string{"", "login"} {
		cmd := commandOf(&app{}, command)
		cmd.InitDefaultHelpFlag()
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if slices.Contains(elsewhere, f.Name) {
				return
			}
			value, want := examples[f.Name], strings.Trim(examples[f.Name], `"`)
			switch f.Value.Type() {
			case "bool":
				value, want = "true", "true"
			case "duration":
				value, want = `"3s"`, "3s"
			case "stringArray":
				want = strings.ReplaceAll(value, `"`, "")
			}
			if value == "" {
				t.Errorf("--%s has no example: does it belong in the config file?", f.Name)
				return
			}
			got, err := settled(t, command, "[accounts.work]\naddress = 'anna@example.com'\n"+f.Name+" = "+value+"\n", nil, "work")
			if err != nil || got[f.Name] != want {
				t.Errorf("--%s is %q, want %q, %v", f.Name, got[f.Name], want, err)
			}
		})
	}
	for _, name := range elsewhere {
		text := "[defaults]\n" + name + " = true\n"
		if _, err := settled(t, "", text, nil, "anna@example.com"); err == nil || !strings.Contains(err.Error(), "for the command line alone") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The command line goes before the environment, that before the account, that
// before the defaults, also where two flags exclude each other.
func TestPrecedence(t *testing.T) {
	const file = `
[defaults]
dns = "192.0.2.1:53"
wait = "1s"
timeout = "10m"
keep = true
resolve = ["a.example:192.0.2.1", "b.example:192.0.2.2"]
password-file = "/etc/password"
no-pop = true
ipv4 = true
quiet = true

[accounts.work]
address = "anna@example.com"
wait = "2s"
keep = false
imap = "imaps://imap.example.com"
pop = "pop3s://pop.example.com"
token-command = "echo x"
`
	for _, tt := range []struct {
		name string
		env  map[string]string
		args []string
		want map[string]string // "" is not given
	}{
		{"the file alone", nil, []string{"work"}, map[string]string{
			"dns": "192.0.2.1:53", "wait": "2s", "timeout": "10m0s", "keep": "false", "resolve": "[a.example:192.0.2.1,b.example:192.0.2.2]",
			"token-command": "echo x", "password-file": "", "imap": "imaps://imap.example.com", "pop": "pop3s://pop.example.com", "no-pop": "", "ipv4": "true"}},
		{"an address", nil, []string{"anna@example.com"}, map[string]string{"wait": "1s", "keep": "true", "password-file": "/etc/password", "imap": "", "no-pop": "true"}},
		{"flags", nil, []string{"work", "--wait", "3s", "--keep", "--dns", "192.0.2.3"}, map[string]string{"wait": "3s", "keep": "true", "dns": "192.0.2.3"}},
		{"the environment", map[string]string{"MAILCHECK_WAIT": "4s"}, []string{"work"}, map[string]string{"wait": "4s", "dns": "192.0.2.1:53"}},
		{"both", map[string]string{"MAILCHECK_WAIT": "4s"}, []string{"work", "--wait", "3s"}, map[string]string{"wait": "3s"}},
		{"a list is replaced", nil, []string{"work", "--resolve", "c.example:192.0.2.3"}, map[string]string{"resolve": "[c.example:192.0.2.3]"}},
		{"a list of the environment", map[string]string{"MAILCHECK_RESOLVE": "c.example:192.0.2.3 d.example:192.0.2.4"}, []string{"work"}, map[string]string{"resolve": "[c.example:192.0.2.3,d.example:192.0.2.4]"}},
		{"another source of the secret", nil, []string{"work", "--password-stdin"}, map[string]string{"password-stdin": "true", "token-command": "", "password-file": ""}},
		{"the password of the environment", map[string]string{creds.EnvPassword: "x"}, []string{"work"}, map[string]string{"token-command": "", "password-file": ""}},
		{"left out by a flag", nil, []string{"work", "--no-imap"}, map[string]string{"no-imap": "true", "imap": ""}},
		{"a flag that says no", nil, []string{"work", "--no-imap=false"}, map[string]string{"no-imap": "false", "imap": "imaps://imap.example.com"}},
		{"named by a flag", nil, []string{"anna@example.com", "--pop", "pop3s://pop.example.com"}, map[string]string{"pop": "pop3s://pop.example.com", "no-pop": ""}},
		{"the other family", nil, []string{"work", "-6"}, map[string]string{"ipv6": "true", "ipv4": ""}},
		{"in full", nil, []string{"work", "-v"}, map[string]string{"verbose": "true", "quiet": ""}},
	} {
		got, err := settled(t, "", file, tt.env, tt.args...)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		for flag, want := range tt.want {
			if got[flag] != want {
				t.Errorf("%s: %s is %q, want %q", tt.name, flag, got[flag], want)
			}
		}
	}
}

// commandOf is a command of the program; the empty name is the main job.
func commandOf(a *app, name string) *cobra.Command {
	root := a.root()
	for _, c := range root.Commands() {
		if c.Name() == name {
			return c
		}
	}
	return root
}

// settled are the flags that a command is given by a config file, its
// environment and its arguments, of which the first is whom it is about.
func settled(t *testing.T, command, text string, env map[string]string, args ...string) (map[string]string, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "config.toml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	a := &app{stderr: io.Discard, env: func(name string) (string, bool) { value, ok := env[name]; return value, ok }}
	cmd := commandOf(a, command)
	if err := cmd.ParseFlags(append([]string{"--config", file}, args[1:]...)); err != nil {
		t.Fatal(err)
	}
	_, _, err := a.begin(cmd, args[0])
	given := map[string]string{}
	cmd.Flags().Visit(func(f *pflag.Flag) { given[f.Name] = f.Value.String() })
	return given, err
}

// login takes the application of the config file, by the issuer that it comes
// to.
func TestLoginByTheConfigFile(t *testing.T) {
	authority := startAuthority(t, lab.AuthorityOptions{Interval: 1})
	file := filepath.Join(t.TempDir(), "config.toml")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("[accounts.work]\naddress = '" + lab.DefaultAddress + "'\nissuer = '" + authority.Issuer() + "'\n[oauth.google]\nclient-id = 'another'\n" +
		"[oauth.'" + authority.Issuer() + "']\nclient-id = '" + lab.ClientID + "'\ndevice = true\n")
	d := newDesk(t)
	written, status := d.run("", "login", "work", "--config", file)
	if status != report.ExitOK || !strings.Contains(written, "WDJB-MJHT") || !strings.Contains(d.keyring.items["anna@example.test#oauth"], authority.Issuer()) {
		t.Errorf("exit status %d, %v\n%s", status, d.keyring.items, written)
	}
	written, status = d.run("", "login", "work", "--config", file, "--device=false")
	if status != report.ExitOK || len(d.pages) != 1 {
		t.Errorf("with a browser: exit status %d, pages %v\n%s", status, d.pages, written)
	}
	write("[accounts.work]\naddress = '" + lab.DefaultAddress + "'\nissuer = '" + authority.Issuer() + "'\n[oauth.google]\nclient-id = 'another'\n")
	if written, status = d.run("", "login", "work", "--config", file); status != report.ExitUsage || !strings.Contains(written, "no client id") {
		t.Errorf("of another provider: exit status %d\n%s", status, written)
	}
	if written, status = d.run("", "login", "work", "--config", file, "--client-id", lab.ClientID); status != report.ExitOK {
		t.Errorf("given: exit status %d\n%s", status, written)
	}
}

// The example of the documentation is a file without faults.
func TestExampleOfTheDocumentation(t *testing.T) {
	page, err := os.ReadFile("../../docs/config.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "```toml\n")
	text, _, found := strings.Cut(rest, "```")
	if !found {
		t.Fatal("it has none")
	}
	file, err := config.Parse("config.toml", []byte(text), configKeys((&app{}).root()))
	if err != nil {
		t.Fatal(err)
	}
	if faults := valueFaults(file); faults != nil {
		t.Error(faults)
	}
	if len(file.Accounts) < 2 || len(file.SignIns) < 2 || len(file.Defaults.Settings) == 0 {
		t.Errorf("it shows less than there is: %+v", file)
	}
}
