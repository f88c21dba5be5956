package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"
)

// keys are those of a small program.
func keys() Keys {
	set := func(names ...string) *pflag.FlagSet {
		flags := pflag.NewFlagSet("", pflag.ContinueOnError)
		for _, name := range names {
			switch name {
			case "wait":
				flags.Duration(name, 0, "")
			case "quiet", "verbose":
				flags.Bool(name, false, "")
			case "resolve", "scope":
				flags.StringArray(name, nil, "")
			default:
				flags.String(name, "", "")
			}
		}
		if f := flags.Lookup("transcript"); f != nil {
			f.NoOptDefVal = "-"
		}
		return flags
	}
	job := []string{"dns", "wait", "quiet", "verbose", "resolve", "transcript", "password-file", "password-command", "ca-file", "imap"}
	return Keys{
		Defaults: set(job...), Account: set(append(job, "client-id", "scope")...), SignIn: set("client-id", "scope"),
		Elsewhere: []string{"config"}, Inputs: []string{"ca-file", "password-file"},
		Exclusive: [][]string{{"quiet", "verbose"}, {"password-file", "password-command"}},
		Reserved:  func(name string) bool { return name == "demo" },
		SignsIn:   func(name string) bool { return name == "google" || strings.HasPrefix(name, "https://") },
	}
}

func TestParse(t *testing.T) {
	t.Setenv("HOME", "/home/anna")
	const text = `# a comment
[defaults]
wait = "90s"
transcript = true
ca-file = "ca.pem"

[accounts.work]
address = "anna@example.com"
quiet = false
resolve = ["a:192.0.2.1", "b:192.0.2.2"]
password-file = "~/password"

[accounts]
home.address = "bert@example.com"
other = { address = "c@example.com", dns = "192.0.2.53:53" }

[oauth."https://auth.example.com"]
client-id = "1"
`
	got, err := Parse("/etc/mc.toml", []byte(text), keys())
	if err != nil {
		t.Fatal(err)
	}
	want := &File{
		Name: "/etc/mc.toml",
		Defaults: Section{Place: Place{2, 2}, Settings: []Setting{
			{"wait", []string{"90s"}, Place{3, 1}}, {"transcript", []string{"-"}, Place{4, 1}}, {"ca-file", []string{"/etc/ca.pem"}, Place{5, 1}}}},
		Accounts: []Section{
			{Name: "work", Address: "anna@example.com", Place: Place{7, 2}, Settings: []Setting{
				{"quiet", []string{"false"}, Place{9, 1}}, {"resolve", []string{"a:192.0.2.1", "b:192.0.2.2"}, Place{10, 1}},
				{"password-file", []string{"/home/anna/password"}, Place{11, 1}}}},
			{Name: "home", Address: "bert@example.com", Place: Place{14, 1}},
			{Name: "other", Address: "c@example.com", Place: Place{15, 1}, Settings: []Setting{{"dns", []string{"192.0.2.53:53"}, Place{15, 38}}}},
		},
		SignIns: []Section{{Name: "https://auth.example.com", Place: Place{17, 2}, Settings: []Setting{{"client-id", []string{"1"}, Place{18, 1}}}}},
	}
	if diff := cmp.Diff(want, got); diff != "" && runtime.GOOS != "windows" {
		t.Error(diff)
	}
}

// Every fault is told, with its place, and none repeats what it should not.
func TestFaults(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{`dns = "x"`, "1:1: dns belongs under [defaults] or [accounts.NAME]"},
		{`password = "hunter2"`, `1:1: "password": no secret`},
		{"[defaults]\npasswort = 'hunter2'", `2:1: "passwort": no secret`},
		{"[defaults]\naccess-token = 'hunter2'", `2:1: "access-token": no secret`},
		{"[oauth.google]\nclient-secret = 'hunter2'", `2:1: "client-secret": no secret`},
		{"[defaults]\n  wiat = 'hunter2'", `2:3: there is no key "wiat" here; did you mean "wait"?`},
		{"[defaults]\nhobby = 'hunter2'", "2:1: there is no key \"hobby\"; the keys are the flags"},
		{"[oauth.google]\nhobby = 'hunter2'", "2:1: there is no key \"hobby\" here; there are client-id, scope"},
		{"[defaults]\nclient-id = 'hunter2'", "2:1: client-id belongs under [oauth.PROVIDER] or [accounts.NAME]"},
		{"[oauth.google]\ndns = 'hunter2'", "2:1: dns belongs under [defaults] or [accounts.NAME]"},
		{"[defaults]\nconfig = 'hunter2'", "2:1: config is for the command line alone"},
		{"[defaults]\naddress = 'hunter2'", "2:1: there is no key \"address\""},
		{"[defaults]\nwait = 90", "2:1: wait takes a duration in quotes"},
		{"[defaults]\nwait = 'soon'", "2:1: wait takes a duration in quotes, as in \"90s\" or \"2m\"; \"soon\" is none"},
		{"[defaults]\nquiet = 'true'", "2:1: quiet takes true or false"},
		{"[defaults]\ndns = false", "2:1: dns takes a text in quotes"},
		{"[defaults]\ndns = ''", "2:1: dns has no value"},
		{"[defaults]\ntranscript = false", "2:1: transcript takes a text in quotes"},
		{"[defaults]\nresolve = 'a:1'", "2:1: resolve takes a list of texts"},
		{"[defaults]\nresolve = [1]", "2:1: resolve takes a list of texts"},
		{"[defaults]\nresolve = []", "2:1: resolve has no value"},
		{"[defaults]\ndns = 'a'\ndns = 'b'", `3:1: "dns" stands in line 2 already`},
		{"[defaults]\n[defaults]", `2:2: "defaults" stands in line 1 already`},
		{"[defaults]\nquiet = true\nverbose = true", "3:1: verbose and quiet (line 2) exclude each other"},
		{"[defaults.dns]", "1:2: dns takes a text in quotes"},
		{"[defaults]\nx.y = 1", `2:1: "x.y": a key is one word`},
		{"defaults = 1", `1:1: "defaults" is a table, not a value`},
		{"accounts = 1", `1:1: "accounts" is a table, not a value`},
		{"[accounts]\nwork = 'a@example.com'", `2:1: "work" is a table, not a value`},
		{"[[accounts]]\naddress = 'a@example.com'", "1:3: [[accounts]] has two brackets"},
		{"[account.work]\naddress = 'a@example.com'", `1:2: there is no "account"; did you mean "accounts"?`},
		{"[hobby]\na = 1\nb = 2", "1:2: there is no \"hobby\"; a file has [defaults]"},
		{"[accounts.work]", "1:2: the account work has no address"},
		{"[accounts.work]\naddress = 'anna'", "2:1: address: \"anna\" is not a usable"},
		{"[accounts.work]\naddress = 1", "2:1: address takes a text"},
		{"[accounts.\"a@b\"]\naddress = 'a@b'", "1:2: the name of an account has no @"},
		{"[accounts.\"my work\"]\naddress = 'a@b'", "1:2: \"my work\" cannot be the name"},
		{"[accounts.demo]\naddress = 'a@b'", "1:2: \"demo\" cannot be the name of an account: there is a command"},
		{"[oauth.gogle]\nclient-id = '1'", "1:2: \"gogle\" is no provider"},
		{"[defaults\n", "1:10: expected ']'"},
		{"[defaults]\ndns = 'hunter2", "2:"},
		{"[defaults]\ndns = 1_", "2:"},
		{"[defaults]\nwait = 'soon'\n[accounts.x]\n", "2:1: wait|3:2: the account x"},
		{"\xef\xbb\xbf[defaults]", "byte order mark"},
		{"\xff\xfe[\x00d\x00", "UTF-16"},
		{"\x7fELF\x00\x01", "not plain text"},
		{"[defaults]\ndns = '\xe4'", "not plain text in UTF-8"},
	} {
		_, err := Parse("mc.toml", []byte(tt.text), keys())
		var faults Faults
		if !errors.As(err, &faults) || len(faults) != 1+strings.Count(tt.want, "|") {
			t.Errorf("%q: %v", tt.text, err)
			continue
		}
		for _, want := range strings.Split(tt.want, "|") {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%q: %v, want %s", tt.text, err, want)
			}
		}
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: it is repeated: %v", tt.text, err)
		}
	}
}

// A file that cannot be trusted or read is told as such; one that is missing is
// another thing.
func TestRead(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string, mode fs.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil { // whatever the umask
			t.Fatal(err)
		}
		return path
	}
	good := write("good", "[defaults]\nwait = '1s'\n", 0o644)
	if f, err := Read(good, keys()); err != nil || len(f.Defaults.Settings) != 1 {
		t.Errorf("%+v, %v", f, err)
	}
	for _, name := range []string{filepath.Join(dir, "missing"), filepath.Join(good, "below")} {
		if _, err := Read(name, keys()); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for want, name := range map[string]string{
		"is a directory":      dir,
		"longer than 1024":    write("huge", strings.Repeat("#\n", maxFile/2+1), 0o600),
		"no regular file":     os.DevNull,
		"others may write to": write("open", "", 0o620),
	} {
		if runtime.GOOS == "windows" && name != dir {
			continue
		}
		_, err := Read(name, keys())
		var faults Faults
		if !errors.As(err, &faults) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"dns", "", 3}, {"", "dns", 3}, {"wait", "wiat", 2}, {"scopes", "scope", 1}, {"kitten", "sitting", 3}} {
		if got := distance(tt.a, tt.b); got != tt.want {
			t.Errorf("%s, %s: %d", tt.a, tt.b, got)
		}
	}
}

// FuzzParse: every text is either a file that can be used, or has faults that
// each have their line.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"[defaults]\nwait = '1s'\n[accounts.work]\naddress = 'a@example.com'\nresolve = ['a', 'b']\n", "a = {b = {c = [1, {d = 2}]}}",
		"accounts.x.address = 'a@b.example'\n[oauth.google]\nscope = ['''x''']", "[[defaults]]\n", "\"\" = 1", "[accounts.\"\"]", "x", "[", "'", "a = \"\\u00",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		file, err := Parse("f", text, keys())
		var faults Faults
		if err != nil && (!errors.As(err, &faults) || len(faults) == 0) {
			t.Fatalf("%v", err)
		}
		for _, fault := range faults {
			if fault.Line == 0 && encodingFlaw(text) == "" {
				t.Fatalf("no line: %v", fault)
			}
		}
		if err == nil {
			for _, a := range file.Accounts {
				if a.Address == "" {
					t.Fatalf("%+v", a)
				}
			}
		}
	})
}
