package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mailcheck/internal/diagnose"
	"mailcheck/internal/lab"
	"mailcheck/internal/render"
	"mailcheck/internal/wellformed"
	"mailcheck/report"
)

// Every fault of the lab, in every format and both languages: each output is
// read by its reader's parser, and all of them say the same as the exit status.
func TestFaultsInEveryFormat(t *testing.T) {
	faults := []string{""}
	for _, f := range lab.Faults() {
		if f.Name != "slow" { // it is healthy, for half a minute
			faults = append(faults, f.Name)
		}
	}
	for i, fault := range faults {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			args := []string{"demo", "--transcript", "--lang", []string{"en", "ja"}[i%2]}
			if fault != "" {
				args = append(args, "--fault", fault)
			}
			for _, f := range render.Formats {
				args = append(args, "-o", f.Name+"="+filepath.Join(dir, f.Name))
			}
			var stdout, stderr bytes.Buffer
			status := run(t.Context(), args, strings.NewReader(""), &stdout, &stderr)
			if stdout.Len() == 0 {
				t.Fatalf("there is no report\n%s", stderr.String())
			}
			o := outputsIn{t, dir}
			rep := o.agree(status)
			for _, c := range rep.Checks {
				for _, s := range c.Steps {
					if _, err := diagnose.ParseExpectation(s.ID + "=ok"); err != nil {
						t.Errorf("nothing can be expected of %s: %v", s.ID, err)
					}
				}
			}
			if transcript := rep.Check("imap").Transcript; len(transcript) > 0 { // in the page too, and in no other
				for format, there := range map[string]bool{"html": true, "junit": false, "github": false, "nagios": false, "prometheus": false} {
					if strings.Contains(string(o.read(format)), "C: A1 ") != (there && strings.Contains(strings.Join(transcript, "\n"), "C: A1 ")) {
						t.Errorf("%s has the transcript: %v", format, !there)
					}
				}
			}
		})
	}
}

// outputsIn are the outputs of one run, in files called as their formats.
type outputsIn struct {
	*testing.T
	dir string
}

func (o outputsIn) read(format string) []byte {
	o.Helper()
	data, err := os.ReadFile(filepath.Join(o.dir, format))
	if err != nil {
		o.Fatal(err)
	}
	return data
}

// agree holds each output to the exit status and the JSON report, which it
// returns.
func (o outputsIn) agree(status int) *report.Report {
	o.Helper()
	var rep report.Report
	if err := json.Unmarshal(o.read("json"), &rep); err != nil {
		o.Fatal(err)
	}
	if rep.ExitCode != status {
		o.Errorf("exit status %d, in the report %d", status, rep.ExitCode)
	}
	results, err := wellformed.JUnit(o.read("junit"))
	if err != nil {
		o.Fatal(err)
	}
	if bad := results.Count("failure") + results.Count("error"); (bad > 0) != (status != report.ExitOK) {
		o.Errorf("exit status %d, %d failures", status, bad)
	}
	commands, err := wellformed.Annotations(string(o.read("github")))
	if err != nil {
		o.Fatal(err)
	}
	kinds := map[string]int{}
	for _, c := range commands {
		kinds[c.Name]++
	}
	if (kinds["error"] > 0) != (rep.Result == report.Fail) || kinds["notice"] != 1-min(1, kinds["error"]) || (kinds["warning"] > 0) != (rep.Result == report.Warn) && rep.Result != report.Fail {
		o.Errorf("%s: commands %v", rep.Result, kinds)
	}
	plugin, err := wellformed.Plugin(string(o.read("nagios")))
	if err != nil {
		o.Fatal(err)
	}
	if plugin.Word != render.PluginStatus(&rep).String() {
		o.Errorf("%s, the plugin says %s", rep.Result, plugin.Word)
	}
	series, err := wellformed.Metrics(o.read("prometheus"))
	if err != nil {
		o.Fatal(err)
	}
	if series["mailcheck_exit_code"] != float64(status) || series[`mailcheck_result{result="`+string(rep.Result)+`"}`] != 1 ||
		series[`mailcheck_verdict{direction="send",result="`+string(rep.Verdict.Send)+`"}`] != 1 {
		o.Errorf("exit status %d, metrics %v", status, series)
	}
	said, err := wellformed.Page(o.read("html"))
	if err != nil {
		o.Fatal(err)
	}
	if !strings.Contains(said, rep.Verdict.Headline) {
		o.Errorf("the page does not say %s", rep.Verdict.Headline)
	}
	return &rep
}
