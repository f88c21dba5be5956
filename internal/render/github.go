package render

import (
	"fmt"
	"io"
	"strings"

	"mailcheck/report"
)

// maxAnnotations is how many annotations of a kind GitHub shows of one step of
// a job.
const maxAnnotations = 10

// GitHub writes the report as workflow commands: an error for the verdict of a
// run that failed, else a notice; an error or a warning for each finding. A headline
// that speaks of another failure than the first one is an error of its own. GitHub
// shows them as annotations.
func GitHub(w io.Writer, r *report.Report, opt Options) error {
	r = cleaned(r)
	found := incidents(r, opt)
	var b strings.Builder
	written := map[string]int{}
	switch headline := oneLine(r.Verdict.Headline); {
	case r.Result != report.Fail:
		b.WriteString(command("notice", "mailcheck "+r.Address, headline))
	case r.Verdict.FailedTitle != "": // it is about another failure than the first one
		b.WriteString(command("error", "mailcheck "+r.Address, headline))
		written["error"]++
	}
	for _, i := range found {
		kind := "warning"
		if i.result == report.Fail {
			kind = "error"
		}
		if written[kind]++; written[kind] > maxAnnotations {
			continue
		}
		b.WriteString(command(kind, "mailcheck "+r.Address+": "+about(i.id, i.cause), i.text+"\n"+i.story))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// StepOutputs writes the outputs of a step for the steps after it, one a line
// ("name=value"): a value is what stands behind the first "=", up to the end of
// its line, and nothing in it is read.
func StepOutputs(w io.Writer, r *report.Report) error {
	r = cleaned(r)
	_, err := fmt.Fprintf(w, "exit-code=%d\nresult=%s\nheadline=%s\nfailed-step=%s\ncause=%s\n",
		r.ExitCode, r.Result, oneLine(r.Verdict.Headline), oneLine(r.Verdict.FailedStep), oneLine(string(r.Verdict.Cause)))
	return err
}

// What a workflow command writes otherwise (github.com/actions/toolkit,
// packages/core, command.ts).
var (
	commandData     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	commandProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// command is a workflow command on a line of its own.
func command(kind, title, message string) string {
	return "::" + kind + " title=" + commandProperty.Replace(title) + "::" + commandData.Replace(strings.TrimRight(message, "\n")) + "\n"
}
