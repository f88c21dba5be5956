//go:build linux

package main

import (
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"mailcheck/internal/lab"
	"mailcheck/internal/wellformed"
	"mailcheck/report"
)

// expression is what the runner replaces.
var expression = regexp.MustCompile(`\$\{\{ *([a-z._-]+) *\}\}`)

// workflow is a job of GitHub Actions that uses the action once.
type workflow struct {
	t                        *testing.T
	action                   action
	temp, workspace, program string
}

// done is what the action left in a job.
type done struct {
	exit         int
	log, summary string
	outputs      map[string]string // those that the action declares
}

// newWorkflow has the program that is tested in the place where the action builds
// it.
func newWorkflow(t *testing.T) *workflow {
	t.Helper()
	j := &workflow{t: t, action: readAction(t), temp: t.TempDir(), workspace: t.TempDir()}
	program, err := exec.LookPath("mailcheck")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(j.temp, "mailcheck"), 0o777); err != nil {
		t.Fatal(err)
	}
	j.program = filepath.Join(j.temp, "mailcheck", "mailcheck")
	if err := os.Symlink(program, j.program); err != nil {
		t.Fatal(err)
	}
	return j
}

// step runs the script of a step as the runner does, and returns its log.
func (j *workflow) step(s actionStep, contexts map[string]string) (log string, exit int) {
	j.t.Helper()
	script := filepath.Join(j.t.TempDir(), "step.sh")
	if err := os.WriteFile(script, []byte(s.Run), 0o666); err != nil {
		j.t.Fatal(err)
	}
	cmd := exec.CommandContext(j.t.Context(), "bash", "--noprofile", "--norc", "-e", "-o", "pipefail", script)
	cmd.Dir = j.workspace
	root, err := filepath.Abs("../..")
	if err != nil {
		j.t.Fatal(err)
	}
	cmd.Env = append(os.Environ(), "CI=true", "GITHUB_ACTIONS=true", "GITHUB_ACTION_PATH="+root, "RUNNER_TEMP="+j.temp,
		"GITHUB_OUTPUT="+filepath.Join(j.temp, "output"), "GITHUB_STEP_SUMMARY="+filepath.Join(j.temp, "summary"))
	for name, value := range s.Env {
		cmd.Env = append(cmd.Env, name+"="+j.expand(value, contexts))
	}
	out, err := cmd.CombinedOutput()
	if ended := (*exec.ExitError)(nil); err != nil && !errors.As(err, &ended) {
		j.t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// expand replaces the expressions of a value, of which each must be known.
func (j *workflow) expand(value string, contexts map[string]string) string {
	return expression.ReplaceAllStringFunc(value, func(found string) string {
		name := expression.FindStringSubmatch(found)[1]
		replacement, known := contexts[name]
		if !known {
			j.t.Errorf("GitHub knows no %s here", name)
		}
		return replacement
	})
}

// use uses the action with some of its inputs.
func (j *workflow) use(with map[string]string) done {
	j.t.Helper()
	contexts := map[string]string{}
	for name, in := range j.action.Inputs {
		contexts["inputs."+name] = in.Default
		if in.Required && with[name] == "" {
			j.t.Errorf("the input %s is required", name)
		}
	}
	for name, value := range with {
		if _, known := contexts["inputs."+name]; !known {
			j.t.Errorf("there is no input %s", name)
		}
		contexts["inputs."+name] = value
	}
	i := slices.IndexFunc(j.action.Runs.Steps, func(s actionStep) bool { return s.ID == "check" })
	var d done
	d.log, d.exit = j.step(j.action.Runs.Steps[i], contexts)
	written, err := os.ReadFile(filepath.Join(j.temp, "output"))
	if err != nil {
		j.t.Fatalf("%v\n%s", err, d.log)
	}
	for name := range j.action.Outputs {
		contexts["steps.check.outputs."+name] = ""
	}
	for line := range strings.Lines(string(written)) {
		name, value, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		if _, known := j.action.Outputs[name]; !ok || !known {
			j.t.Errorf("the output %q", line)
		}
		contexts["steps.check.outputs."+name] = value
	}
	d.outputs = map[string]string{}
	for name, out := range j.action.Outputs {
		d.outputs[name] = j.expand(out.Value, contexts)
	}
	if summary, err := os.ReadFile(filepath.Join(j.temp, "summary")); err == nil {
		d.summary = string(summary)
	}
	return d
}

// labArgs are the flags by which the account of a lab is found.
func (j *workflow) labArgs(servers *lab.Lab) string {
	j.t.Helper()
	ca := filepath.Join(j.temp, "ca.pem")
	if err := os.WriteFile(ca, servers.CAPEM(), 0o666); err != nil {
		j.t.Fatal(err)
	}
	return "--offline\n--dns=" + servers.DNSAddr() + "\n--ca-file=" + ca + "\n--wait=2s\n"
}

// The action tells the job what was found: by its exit status, annotations, the
// summary, outputs, and the files that the outputs name.
func TestAction(t *testing.T) {
	for name, c := range map[string]struct {
		fault    string
		with     map[string]string // beside address, password and the lab's flags
		args     string
		exit     int
		outputs  map[string]string
		headline string
		command  string
	}{
		"healthy": {
			args: "  --send=rcpt\r\n\n", exit: report.ExitOK,
			outputs: map[string]string{"result": "ok", "failed-step": "", "cause": ""}, headline: "ALL IS WELL", command: "notice",
		},
		"may not send": {
			fault: "smtp-login-refused", exit: report.ExitAuth,
			outputs: map[string]string{"result": "fail", "failed-step": "smtp.auth", "cause": "auth.bad_credentials"}, headline: "YOU CAN RECEIVE BUT NOT SEND", command: "error",
		},
		"as expected": {
			fault: "smtp-login-refused", with: map[string]string{"expect": "smtp.auth=fail:auth.bad_credentials \t\r\n \r\n\r\n\t imap.auth=ok  \r"}, exit: report.ExitOK,
			outputs: map[string]string{"exit-code": "0"}, headline: "ALL AS EXPECTED", command: "notice",
		},
		"not as expected": {
			with: map[string]string{"expect": "imap.auth=ok\nsmtp.auth=fail"}, args: "--send=auth", exit: report.ExitWarn,
			outputs: map[string]string{}, headline: "NOT AS EXPECTED", command: "error",
		},
		"no password": {
			with: map[string]string{"password": ""}, exit: report.ExitCreds,
			outputs: map[string]string{"failed-step": "creds.password"}, headline: "NO LOGIN", command: "error",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j := newWorkflow(t)
			servers := startLab(t, lab.Options{Fault: c.fault, Password: canary})
			with := map[string]string{"address": servers.Address(), "password": canary, "args": j.labArgs(servers) + c.args}
			maps.Copy(with, c.with)
			d := j.use(with)
			if d.exit != c.exit {
				t.Errorf("exit status %d, want %d\n%s", d.exit, c.exit, d.log)
			}
			for name, want := range c.outputs {
				if d.outputs[name] != want {
					t.Errorf("%s is %q, want %q", name, d.outputs[name], want)
				}
			}
			if !strings.HasPrefix(d.outputs["headline"], c.headline) || !strings.Contains(d.summary, c.headline) {
				t.Errorf("the headline is %q, the summary\n%s", d.outputs["headline"], d.summary)
			}
			commands, _ := wellformed.Commands(d.log)
			if len(commands) == 0 || commands[0].Name != c.command {
				t.Errorf("the commands are %+v", commands)
			}
			for _, format := range []string{"json", "junit", "html"} {
				if data, err := os.ReadFile(d.outputs[format]); err != nil || len(data) == 0 || filepath.Dir(d.outputs[format]) != d.outputs["reports"] {
					t.Errorf("%s: %v", d.outputs[format], err)
				}
			}
			if strings.Contains(d.log+d.summary, canary) {
				t.Errorf("the password is in the log or in the summary")
			}
		})
	}
}

// Whatever stands in an input, it is one argument: no command of a shell, no
// flag where none is meant, no output of the job, no command for the runner.
func TestActionTakesInputsForWords(t *testing.T) {
	for name, with := range map[string]map[string]string{
		"a command in the address":           {"address": "$(touch hacked)@example.test"},
		"quotes in the address":              {"address": `"; touch hacked; "@example.test`},
		"a flag for an address":              {"address": "--password-command=touch hacked"},
		"a command's name for an address":    {"address": "demo"},
		"two lines for an address":           {"address": "anna@example.test\nexit-code=0"},
		"a workflow command for an address":  {"address": "\n::error::hacked\n##[error]hacked"},
		"a command in a flag":                {"address": "a@example.test", "args": "--send=$(touch hacked)\n--user=`touch hacked`"},
		"quotes in a flag":                   {"address": "a@example.test", "args": `--send="rcpt"; touch hacked #`},
		"a file name pattern":                {"address": "a@example.test", "args": "*"},
		"a flag for an expectation":          {"address": "a@example.test", "expect": "--password-command=touch hacked"},
		"a command in an expectation":        {"address": "a@example.test", "expect": "imap.auth=$(touch hacked)"},
		"a command in the directory":         {"address": "demo", "reports": "$(touch hacked)"},
		"an output in the directory's name":  {"address": "demo", "reports": "dir\nexit-code=0\nhtml=/etc/passwd"},
		"a command in the password":          {"address": "demo", "password": "$(touch hacked)`touch hacked`"},
		"a password that ends the variables": {"address": "demo", "password": "x\nBASH_ENV=hacked"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j := newWorkflow(t)
			with["args"] += "\n--no-auth\n--offline\n--dns=127.0.0.1:1\n--step-timeout=1s" // whatever is not refused
			d := j.use(with)
			if d.exit != report.ExitUsage || d.outputs["exit-code"] != "2" {
				t.Errorf("exit status %d, the output says %q\n%s", d.exit, d.outputs["exit-code"], d.log)
			}
			for _, dir := range []string{j.workspace, j.temp, "."} {
				if found, err := filepath.Glob(filepath.Join(dir, "*hacked*")); err != nil || dir != j.workspace && len(found) > 0 || slices.ContainsFunc(found, isFile) {
					t.Errorf("%v, there is %q\n%s", err, found, d.log)
				}
			}
			if commands, _ := wellformed.Commands(d.log); len(commands) > 0 {
				t.Errorf("the runner obeys %+v\n%s", commands, d.log)
			}
			if strings.Contains(d.outputs["html"], "passwd") {
				t.Errorf("the outputs are %q", d.outputs)
			}
		})
	}
}

func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && !info.IsDir()
}

// The action builds the program from its own source, and names the version by
// what the workflow asked for.
func TestActionBuilds(t *testing.T) {
	j := newWorkflow(t)
	if err := os.Remove(j.program); err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(j.action.Runs.Steps, func(s actionStep) bool { return strings.Contains(s.Run, "go -C") })
	log, exit := j.step(j.action.Runs.Steps[i], map[string]string{"github.action_ref": "o'clock branch"})
	if exit != 0 {
		t.Fatal(log)
	}
	out, err := exec.Command(j.program, "version").Output()
	if err != nil || !strings.HasPrefix(string(out), "mailcheck o-clock-branch (") {
		t.Errorf("%v: %s", err, out)
	}
}
