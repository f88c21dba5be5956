//go:build linux

package e2e

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"mailcheck/internal/render"
	"mailcheck/report"
)

// runLimit bounds a run of the program: well over what the slowest here takes,
// well under the program's own 2 minutes.
const runLimit = 60 * time.Second

// session is what a run of the program finds around it.
type session struct {
	keyring *keyring // nil: there is no session bus
	env     []string // beside what finds the keyring and the lab's root
	stdin   string
	secrets []string // those beside the accounts' passwords
	// during is called once the program runs; nil is nothing.
	during func(pid int, ended <-chan struct{})
	// reads is given what the program writes to stderr as it comes; nil is
	// nothing.
	reads func(stderr io.Reader)
}

// outcome is what a run of the program left.
type outcome struct {
	exit           int
	stdout, stderr string
	report         *report.Report // nil when none was written
	transcript     string
	took           time.Duration
}

// run runs the program and judges what every run must keep.
func (s *site) run(t *testing.T, with session, args ...string) outcome {
	t.Helper()
	dir := t.TempDir()
	ctx, cancel := context.WithTimeout(t.Context(), runLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, s.path("mailcheck"), args...)
	cmd.Dir = dir
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8", "HOME=" + dir, "SSL_CERT_FILE=" + s.path("ca.pem"),
		"GORACE=atexit_sleep_ms=0", // else the race detector adds a second to every run
	}
	if with.keyring != nil {
		cmd.Env = append(cmd.Env, with.keyring.env...)
	}
	cmd.Env = append(cmd.Env, with.env...)
	cmd.Stdin = strings.NewReader(with.stdin)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	shown := func() {}
	if with.reads != nil {
		cmd.Stderr, shown = tee(&stderr, with.reads)
	}
	begin := time.Now()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		if with.during != nil {
			with.during(cmd.Process.Pid, ended)
		}
	}()
	err := cmd.Wait()
	close(ended)
	<-watched
	shown()
	if exit := (*exec.ExitError)(nil); err != nil && (!errors.As(err, &exit) || !exit.Exited()) {
		t.Fatalf("mailcheck %q: %v\n%s", args, err, stderr.String())
	}
	o := outcome{
		exit: cmd.ProcessState.ExitCode(), stdout: stdout.String(), stderr: stderr.String(), took: time.Since(begin),
	}
	if strings.Contains(o.stderr, "DATA RACE") {
		t.Errorf("a data race:\n%s", o.stderr)
	}
	s.judge(t, with, o.stdout, o.stderr)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("mailcheck %q: exit status %d after %v\n%s%s", args, o.exit, o.took, o.stdout, o.stderr)
		}
	})
	return o
}

// tee returns a writer to out that reads follows, and what waits for its end.
func tee(out io.Writer, reads func(io.Reader)) (io.Writer, func()) {
	r, w := io.Pipe()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		reads(r)
		_, _ = io.Copy(io.Discard, r) // the program waits for nobody who reads it
	}()
	return io.MultiWriter(out, w), func() {
		w.Close()
		<-ended
	}
}

// judge fails the test when one of the outputs holds a secret: of an account,
// of the session, or of any sign-in at the authorization server.
func (s *site) judge(t *testing.T, with session, outputs ...string) {
	t.Helper()
	with.secrets = slices.Clone(with.secrets)
	for _, secrets := range s.granted(t) {
		with.secrets = append(with.secrets, secrets...)
	}
	with.noSecret(t, outputs...)
}

// check runs the program's main job, or another command that ends in a
// report, and reads the report and the transcript.
func (s *site) check(t *testing.T, with session, args ...string) outcome {
	t.Helper()
	dir := t.TempDir()
	form, transcript := filepath.Join(dir, "report.json"), filepath.Join(dir, "transcript")
	o := s.run(t, with, append(args, "-o", "text", "-o", "json="+form, "--transcript="+transcript)...)
	data, err := os.ReadFile(form)
	if err != nil {
		t.Fatalf("no report: %v\n%s", err, o.stderr)
	}
	said, err := os.ReadFile(transcript)
	if err != nil && !errors.Is(err, os.ErrNotExist) { // a run without a connection has none
		t.Fatal(err)
	}
	o.transcript = string(said)
	s.judge(t, with, string(data), o.transcript)
	valid(t, data)
	strict := json.NewDecoder(bytes.NewReader(data))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&o.report); err != nil {
		t.Fatalf("the report: %v\n%s", err, data)
	}
	if o.report.Schema != report.Schema || o.report.ExitCode != o.exit {
		t.Errorf("schema %q, exit_code %d; the program ended in %d", o.report.Schema, o.report.ExitCode, o.exit)
	}
	for line := range strings.Lines(o.stdout) {
		if line = strings.TrimSuffix(line, "\n"); utf8.RuneCountInString(line) > 80 {
			t.Errorf("a line wider than 80 cells: %q", line)
		}
	}
	return o
}

// valid holds a report to the JSON Schema of reports.
func valid(t *testing.T, data []byte) {
	t.Helper()
	schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(render.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("report.json", schema); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile("report.json")
	if err != nil {
		t.Fatal(err)
	}
	instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if err := compiled.Validate(instance); err != nil {
		t.Errorf("the report is not valid: %v", err)
	}
}

// noSecret fails the test when one of the outputs holds a secret.
func (with session) noSecret(t *testing.T, outputs ...string) {
	t.Helper()
	for _, output := range outputs {
		if form := with.leak(output); form != "" {
			t.Errorf("the output holds a secret, as %q", form)
		}
	}
}

// leak returns a form of a secret that the output holds, or "".
func (with session) leak(output string) string {
	secrets := slices.Clone(with.secrets)
	for _, a := range accounts {
		secrets = append(secrets, a.Password)
	}
	output = squeeze(output)
	for _, secret := range secrets {
		for _, form := range disguises(secret) {
			if strings.Contains(output, squeeze(form)) {
				return form
			}
		}
	}
	return ""
}

// squeeze takes out the white space, which wrapping changes.
func squeeze(text string) string { return strings.Join(strings.Fields(text), "") }

// disguises returns the forms in which an output could hold a secret: in
// clear, as JSON, HTML and a URL write it, and in base64 at each of its three
// alignments (PLAIN has the user's name before it).
func disguises(secret string) []string {
	quoted, err := json.Marshal(secret)
	if err != nil {
		panic(err) // a string
	}
	forms := []string{
		secret, strings.Trim(string(quoted), `"`), html.EscapeString(secret), url.QueryEscape(secret), url.PathEscape(secret),
	}
	for shift := range 3 {
		raw := append(make([]byte, shift), secret...)
		raw = raw[:len(raw)-len(raw)%3]
		for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
			form := encoding.EncodeToString(raw)
			if shift > 0 {
				form = form[4:] // encodes what stands before the secret, too
			}
			forms = append(forms, form)
		}
	}
	return forms
}

// TestLeaksAreFound holds the search for secrets to what it is to find.
func TestLeaksAreFound(t *testing.T) {
	var quoted bytes.Buffer
	for alignment := range 3 {
		whole := strings.Repeat("x", alignment) + "\x00" + alice.Address + "\x00" + alice.Password
		output := "C: AUTH PLAIN " + base64.StdEncoding.EncodeToString([]byte(whole))
		if (session{}).leak(output) == "" {
			t.Errorf("not found in %q", output)
		}
	}
	if err := xml.EscapeText(&quoted, []byte(alice.Password)); err != nil {
		t.Fatal(err)
	}
	for _, output := range []string{
		"wrapped: " + strings.ReplaceAll(alice.Password, " ", "\n    "), quoted.String(), fmt.Sprintf("%q", alice.Password),
		"password=" + url.QueryEscape(alice.Password),
	} {
		if (session{}).leak(output) == "" {
			t.Errorf("not found in %q", output)
		}
	}
	if found := (session{}).leak("mailcheck " + alice.Address + ": all is well"); found != "" {
		t.Errorf("found where it is not, as %q", found)
	}
}

// step returns the first step with this id, or fails the test.
func (o outcome) step(t *testing.T, id string) *report.Step {
	t.Helper()
	for _, check := range o.report.Checks {
		for _, step := range check.Steps {
			if step.ID == id {
				return step
			}
		}
	}
	t.Fatalf("the report has no step %s", id)
	return nil
}

// plans are the steps of a session, in order; the two that STARTTLS adds
// are left out.
var plans = map[report.Protocol][]string{
	report.IMAP: {"connect", "tls", "greeting", "capability", "auth", "mailbox", "logout"},
	report.POP3: {"connect", "tls", "greeting", "capability", "auth", "mailbox", "logout"},
	report.SMTP: {"connect", "tls", "greeting", "ehlo", "auth", "mail", "rcpt", "data", "quit"},
}

// finished demands that the check went to its own end: every step is there,
// and what a failed step kept from running is skipped because of something.
func (o outcome) finished(t *testing.T, id string) *report.Check {
	t.Helper()
	check := o.report.Check(id)
	if check == nil {
		t.Fatalf("the report has no check %s", id)
	}
	for _, name := range plans[check.Protocol] {
		step := check.Step(name)
		if step == nil {
			t.Errorf("%s.%s is not in the report", id, name)
		} else if step.Result == report.Skip && step.Because == "" {
			t.Errorf("%s is skipped because of nothing", step.ID)
		}
	}
	return check
}

// allOK demands that the check went through, each of its steps.
func (o outcome) allOK(t *testing.T, ids ...string) {
	t.Helper()
	for _, id := range ids {
		for _, step := range o.finished(t, id).Steps {
			if step.Result != report.OK {
				t.Errorf("%s is %s, because %q, cause %q: %s", step.ID, step.Result, step.Because, step.Cause, step.Detail)
			}
		}
	}
}

// ends demands the verdict: the step that failed first, its cause, the exit
// status; and that the text says so too.
func (o outcome) ends(t *testing.T, step string, cause report.Cause, exit int) {
	t.Helper()
	v := o.report.Verdict
	if v.FailedStep != step || v.Cause != cause || o.exit != exit {
		t.Errorf("verdict %s, %s, exit status %d; want %s, %s, %d", v.FailedStep, v.Cause, o.exit, step, cause, exit)
	}
	if o.report.Result != report.Fail {
		t.Errorf("the result is %s", o.report.Result)
	}
	if v.Headline == "" || len(v.Advice)+len(v.AdminAdvice) == 0 {
		t.Errorf("headline %q, advice %q", v.Headline, v.Advice)
	}
	if !strings.Contains(o.stdout, string(cause)) {
		t.Errorf("the text does not name %s", cause)
	}
}

// logins demands how many logins were made, and how many of them refused.
func (o outcome) logins(t *testing.T, made, rejected int) {
	t.Helper()
	if l := o.report.Verdict.Logins; l.Made != made || l.Rejected != rejected {
		t.Errorf("%d logins made, %d rejected; want %d, %d", l.Made, l.Rejected, made, rejected)
	}
}
