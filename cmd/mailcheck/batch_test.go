package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"mailcheck/internal/config"
	"mailcheck/internal/diagnose"
	"mailcheck/internal/lab"
	"mailcheck/internal/render"
	"mailcheck/report"
)

// batchGround is a lab, and a folder with its certificate and passwords.
type batchGround struct {
	*testing.T
	dir     string
	servers *lab.Lab
}

func newBatchGround(t *testing.T, o lab.Options) *batchGround {
	o.Password = canary
	g := &batchGround{t, t.TempDir(), startLab(t, o)}
	g.file("ca.pem", string(g.servers.CAPEM()))
	g.file("good", canary+"\n")
	g.file("bad", "wrong\n")
	return g
}

func (g *batchGround) file(name, text string) string {
	g.Helper()
	path := filepath.Join(g.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		g.Fatal(err)
	}
	return path
}

func (g *batchGround) read(name string) string {
	g.Helper()
	text, err := os.ReadFile(filepath.Join(g.dir, name))
	if err != nil {
		g.Fatal(err)
	}
	return string(text)
}

// run runs a batch against the lab.
func (g *batchGround) run(file, stdin string, args ...string) (stdout, stderr string, status int) {
	g.Helper()
	return g.runFor(g.Context(), file, stdin, args...)
}

func (g *batchGround) runFor(ctx context.Context, file, stdin string, args ...string) (stdout, stderr string, status int) {
	g.Helper()
	var out, errs bytes.Buffer
	args = append([]string{"batch", file, "--offline", "--dns", g.servers.DNSAddr(), "--ca-file", filepath.Join(g.dir, "ca.pem"), "--login-gap", "0s", "--no-pop"}, args...) // the accounts share a maildrop, which one session locks
	status = run(ctx, args, strings.NewReader(stdin), &out, &errs)
	search(g.T, out.String()+errs.String(), canary)
	return out.String(), errs.String(), status
}

// table is a table of the lab's account under these names; one that begins with
// "bad" is an account of its own with a wrong password.
func (g *batchGround) table(names ...string) string {
	g.Helper()
	text := "name,address,password-file,send\n"
	for _, name := range names {
		password, address := "good", g.servers.Address()
		if strings.HasPrefix(name, "bad") {
			password, address = "bad", name+"@example.test"
		}
		text += fmt.Sprintf("%s,%s,%s,\n", name, address, filepath.Join(g.dir, password))
	}
	return g.file("accounts.csv", text)
}

// reports are the lines of a results file, each held to the schema.
func (g *batchGround) reports(text string) []report.Report {
	g.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(render.Schema()))
	if err != nil {
		g.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("report.json", doc); err != nil {
		g.Fatal(err)
	}
	schema, err := compiler.Compile("report.json")
	if err != nil {
		g.Fatal(err)
	}
	var reports []report.Report
	for line := range strings.Lines(text) {
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(line))
		if err != nil {
			g.Fatalf("%v in %q", err, line)
		}
		if err := schema.Validate(value); err != nil {
			g.Errorf("%v", err)
		}
		var r report.Report
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			g.Fatal(err)
		}
		reports = append(reports, r)
	}
	return reports
}

func contains(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("no %q in:\n%s", part, text)
		}
	}
}

// Each account has its line and its report; one that fails makes the status 1.
// No message is sent.
func TestBatch(t *testing.T) {
	g := newBatchGround(t, lab.Options{})
	stdout, stderr, status := g.run(g.table("one", "bad", "two"), "", "-o", "text", "-o", "json="+filepath.Join(g.dir, "r.jsonl"), "--transcript")
	contains(t, stdout, "ok    one (anna@example.test)  ", "FAIL  bad (bad@example.test)  imap.auth auth.bad_credentials  ",
		"\n\nFAIL      1  imap.auth auth.bad_credentials\n", "Accounts: 3, in ", ": 2 ok, 1 failed.\n")
	contains(t, stderr, "Accounts to check: 3, at most 8 at the same time. Ctrl-C stops", "3/3 ")
	if status != report.ExitAccounts || len(g.servers.Submissions()) != 0 {
		t.Errorf("exit status %d, %d messages", status, len(g.servers.Submissions()))
	}
	written := g.read("r.jsonl")
	search(t, written, canary)
	if reports := g.reports(written); len(reports) != 3 || len(reports[0].Check("imap").Transcript) == 0 {
		t.Errorf("%d reports", len(reports))
	}

	stdout, stderr, _ = g.run("-", g.read("accounts.csv"), "-o", "json", "--redact")
	contains(t, stderr, "Accounts: 3, in ", ": 2 ok, 1 failed.")
	if strings.Contains(stdout+stderr, "anna@") || len(g.reports(stdout)) != 3 {
		t.Errorf("%s", stderr)
	}
	stdout, _, status = g.run("-", g.read("accounts.csv"), "-o", "json", "-q", "--lang", "ja")
	if reports := g.reports(stdout); len(reports) != 3 || reports[0].Lang != "ja" || reports[0].Name == "" || status != report.ExitAccounts {
		t.Errorf("%d reports, exit status %d", len(reports), status)
	}
}

// Accounts with one cause in common, of which some fail elsewhere too: the words
// below the cause are about it, whoever ends first.
func TestBatchWordsFitTheCause(t *testing.T) {
	g := newBatchGround(t, lab.Options{})
	text := "name,address,password-file,imap,smtp\n"
	for name, smtp := range map[string]string{"one": "smtps://127.0.0.1:1", "two": ""} {
		text += fmt.Sprintf("%s,%s,%s,imaps://127.0.0.1:2,%s\n", name, g.servers.Address(), filepath.Join(g.dir, "good"), smtp)
	}
	stdout, _, status := g.run(g.file("accounts.csv", text), "", "--no-pop=false", "--jobs", "1")
	contains(t, stdout, "FAIL      2  imap.connect connect.refused\n             nothing listens at 127.0.0.1 port 2.\n")
	if status != report.ExitAccounts || strings.Contains(stdout, "RECEIVE BUT NOT SEND") {
		t.Errorf("exit status %d, %s", status, stdout)
	}
}

// A config file will do: its accounts, its defaults, and the command line before
// both.
func TestBatchOfConfigFile(t *testing.T) {
	g := newBatchGround(t, lab.Options{})
	file := g.file("mc.toml", fmt.Sprintf("[defaults]\npassword-file = 'bad'\nsend = 'message'\noutput = ['json']\nquiet = true\n[accounts.one]\naddress = 'bert@example.test'\n[accounts.two]\naddress = %q\npassword-file = 'good'\n",
		g.servers.Address()))
	stdout, stderr, status := g.run(file, "")
	contains(t, stdout, "1 ok, 1 failed.")
	if status != report.ExitAccounts || stderr != "" || len(g.servers.Submissions()) != 1 {
		t.Errorf("exit status %d, %d messages, stderr %q", status, len(g.servers.Submissions()), stderr)
	}
	stdout, _, status = g.run(file, "", "--password-file", filepath.Join(g.dir, "good"), "--user", g.servers.Address(), "--send", "auth")
	contains(t, stdout, "2 ok.")
	if status != report.ExitOK || len(g.servers.Submissions()) != 1 {
		t.Errorf("exit status %d, %d messages", status, len(g.servers.Submissions()))
	}
}

// What a results file holds is not checked again: also what failed, but not what
// was stopped, nor what a killed run had begun to write.
func TestBatchResume(t *testing.T) {
	g := newBatchGround(t, lab.Options{})
	results := filepath.Join(g.dir, "r.jsonl")
	if _, _, status := g.run(g.table("one", "bad"), "", "--resume", results); status != report.ExitAccounts {
		t.Fatalf("exit status %d", status)
	}
	first := g.read("r.jsonl")
	stopped := strings.Replace(strings.Replace(first[:strings.Index(first, "\n")+1], `"exit_code":0`, `"exit_code":130`, 1), `"exit_code":15`, `"exit_code":130`, 1)
	stopped = strings.NewReplacer(`"name":"one"`, `"name":"three"`, `"name":"bad"`, `"name":"three"`).Replace(stopped)
	g.file("r.jsonl", first+stopped+`{"schema":"mailcheck/report/v1","name":"two`)

	stdout, stderr, status := g.run(g.table("one", "bad", "two", "three"), "", "--resume", results, "--jobs", "1")
	contains(t, stdout, "two (anna", "three (anna", "Accounts: 2, in ", ": 2 ok. Before that: 2, of which 1 failed;")
	contains(t, stderr, "Accounts to check: 2, at most 1 at the same time. Done already: 2. Ctrl-C stops\nat any time.\n") // 80 columns
	if status != report.ExitAccounts || strings.Contains(stdout, "one (anna") {
		t.Errorf("exit status %d\n%s", status, stdout)
	}
	after := g.read("r.jsonl")
	if !strings.HasPrefix(after, first) || len(g.reports(after)) != 5 {
		t.Errorf("the file: %s", after)
	}
	made := g.servers.Logins(report.IMAP).Made
	if _, _, status = g.run(g.table("one", "two", "three"), "", "--resume", results); status != report.ExitOK || g.servers.Logins(report.IMAP).Made != made {
		t.Errorf("exit status %d, %d logins", status, g.servers.Logins(report.IMAP).Made-made)
	}
	// Without --resume the file is written anew.
	g.run(g.table("one"), "", "-o", "json="+results)
	if n := len(g.reports(g.read("r.jsonl"))); n != 1 {
		t.Errorf("%d reports", n)
	}
	// What is no results file is left as it is, also when its last line has no end,
	// and so is one with half a line in the middle.
	for _, other := range []string{"{}\n", "hunter2", `{"schema":"another/v1","name":"two`, first[:40] + "\n" + first} {
		g.file("r.jsonl", other)
		_, stderr, status = g.run(g.table("one"), "", "--resume", results)
		contains(t, stderr, "r.jsonl:1: this is no line of -o json of a batch; take it out")
		if status != report.ExitUsage || g.read("r.jsonl") != other {
			t.Errorf("exit status %d, %s", status, g.read("r.jsonl"))
		}
	}
}

// A last line that only lacks its line feed, as an editor leaves it, is whole: its
// account is done, and the next line does not run into it.
func TestBatchResumeWithoutLineFeed(t *testing.T) {
	g := newBatchGround(t, lab.Options{})
	results := filepath.Join(g.dir, "r.jsonl")
	g.run(g.table("one", "bad"), "", "--resume", results)
	first := g.read("r.jsonl")
	g.file("r.jsonl", strings.TrimSuffix(first, "\n"))
	stdout, stderr, status := g.run(g.table("one", "bad", "two"), "", "--resume", results)
	contains(t, stderr, "Accounts to check: 1, ", "Done already: 2.")
	contains(t, stdout, "Before that: 2, of which 1 failed; to check those\nagain, take their lines out of the file of --resume.\n")
	after := g.read("r.jsonl")
	if status != report.ExitAccounts || !strings.HasPrefix(after, first) || len(g.reports(after)) != 3 {
		t.Errorf("exit status %d, the file: %s", status, after)
	}
}

// No output is written over what the batch reads: the results so far, by whatever
// name, and the accounts.
func TestBatchWritesOverNothing(t *testing.T) {
	g := newBatchGround(t, lab.Options{})
	results := filepath.Join(g.dir, "r.jsonl")
	table := g.table("one")
	g.run(table, "", "--resume", results)
	before := g.read("r.jsonl")
	again := g.dir + string(filepath.Separator) + "." + string(filepath.Separator) + "r.jsonl"
	if _, _, status := g.run(table, "", "--resume", results, "-o", "json="+again); status != report.ExitOK || g.read("r.jsonl") != before {
		t.Errorf("exit status %d, results %q", status, g.read("r.jsonl"))
	}
	accounts := g.read(filepath.Base(table))
	_, stderr, status := g.run(table, "", "-o", "json="+table)
	contains(t, stderr, "has the accounts, and would be written over")
	if status != report.ExitUsage || g.read(filepath.Base(table)) != accounts {
		t.Errorf("exit status %d, accounts %q", status, g.read(filepath.Base(table)))
	}
}

func TestBatchFailFast(t *testing.T) {
	g := newBatchGround(t, lab.Options{})
	stdout, _, status := g.run(g.table("one", "bad", "two", "three"), "", "--fail-fast", "--jobs", "1")
	contains(t, stdout, "Accounts: 4, in ", "1 ok, 1 failed, 2 not begun.")
	if status != report.ExitAccounts {
		t.Errorf("exit status %d", status)
	}
}

// Five refusals in a row, and the accounts after that are left out; they are not
// done.
func TestBatchStopsAtAHost(t *testing.T) {
	g := newBatchGround(t, lab.Options{})
	results := filepath.Join(g.dir, "r.jsonl")
	var names []string
	for i := range 9 {
		names = append(names, fmt.Sprint("bad", i))
	}
	args := []string{"--no-pop", "--no-smtp", "--resume", results}
	stdout, _, status := g.run(g.table(names...), "", args...)
	contains(t, stdout, "skip  ", "auth.limit_reached", "5 failed, 4 not checked to the end.", "NO LOGIN WAS MADE: imap.example.test had refused the logins of")
	if made := g.servers.Logins(report.IMAP); status != report.ExitAccounts || made.Rejected != 5 {
		t.Errorf("exit status %d, %+v", status, made)
	}
	stdout, _, _ = g.run(g.table(names...), "", args...)
	contains(t, stdout, "4 failed. Before that: 5, of which 5 failed;")
}

// An interrupt ends what runs, and what has not begun is not: 130.
func TestBatchInterrupted(t *testing.T) {
	g := newBatchGround(t, lab.Options{})
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		for range 2 { // both that run have come to a server that says nothing
			if c, err := silent.Accept(); err == nil {
				defer c.Close()
			}
		}
		cancel()
	}()
	results := filepath.Join(g.dir, "r.jsonl")
	stdout, _, status := g.runFor(ctx, g.table("one", "two", "three"), "", "--jobs", "2", "--resume", results,
		"--imap", "imaps://"+silent.Addr().String(), "--no-pop", "--no-smtp")
	contains(t, stdout, "2 not checked to the end, 1 not begun.")
	if reports := g.reports(g.read("r.jsonl")); status != report.ExitInterrupted || len(reports) != 2 || reports[0].ExitCode != report.ExitInterrupted {
		t.Errorf("exit status %d, %d reports", status, len(reports))
	}
}

// The command line goes before the row, the row before the defaults, and those of
// a batch come last.
func TestBatchItem(t *testing.T) {
	setting := func(flag, value string) config.Setting { return config.Setting{Flag: flag, Values: []string{value}} }
	section := func(settings ...config.Setting) config.Section {
		return config.Section{Address: anybody, Settings: settings}
	}
	for name, tt := range map[string]struct {
		given         []config.Setting
		row, defaults config.Section
		send          diagnose.SendDegree
		shared        bool // the address
	}{
		"nothing":  {send: diagnose.SendRcpt},
		"defaults": {defaults: section(setting("send", "auth"), setting("no-share-address", "false")), send: diagnose.SendAuth, shared: true},
		"row": {row: section(setting("send", "message")), defaults: section(setting("send", "auth"), setting("no-share-address", "false"), setting("output", "json")),
			send: diagnose.SendMessage, shared: true},
		"command line": {given: []config.Setting{setting("send", "none"), setting("no-share-address", "true"), setting("jobs", "3")},
			row: section(setting("send", "message")), defaults: section(setting("no-share-address", "false")), send: diagnose.SendNone},
		"another command's": {row: section(setting("issuer", "https://a.example"), setting("quiet", "true")), send: diagnose.SendRcpt},
	} {
		b := batchJob{app: &app{keyring: systemKeyring}, flags: &batchFlags{}, file: &batchFile{defaults: tt.defaults}, given: tt.given, pools: pools{}}
		row := tt.row
		row.Address = anybody
		item, err := b.item(row)
		if err != nil || item.Options.Send != tt.send || item.Options.NoShareAddress == tt.shared {
			t.Errorf("%s: %v, --send %s, no-share-address %v", name, err, item.Options.Send, item.Options.NoShareAddress)
		}
	}
}
