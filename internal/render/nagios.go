package render

import (
	"fmt"
	"io"
	"strings"

	"mailcheck/report"
	"mailcheck/wire"
)

// Status is what a monitoring plugin ends with (Monitoring Plugins Development
// Guidelines, section 2.3).
type Status int

// The statuses, each with its word and its exit status.
const (
	StatusOK Status = iota
	StatusWarning
	StatusCritical
	StatusUnknown
)

// String is the word for the status.
func (s Status) String() string {
	return [...]string{"OK", "WARNING", "CRITICAL", "UNKNOWN"}[s]
}

// PluginStatus is the status of a report. Unknown is what says nothing of the
// account: there was no password, or the user stopped the run.
func PluginStatus(r *report.Report) Status {
	switch r.ExitCode {
	case report.ExitCreds, report.ExitInternal, report.ExitInterrupted:
		return StatusUnknown
	case report.ExitOK:
		if r.Result == report.Warn {
			return StatusWarning
		}
		return StatusOK
	}
	return StatusCritical
}

// PluginLine is the line of a plugin that has no report to show.
func PluginLine(s Status, text string) string {
	return fmt.Sprintf("MAILCHECK %s: %s\n", s, plugged(oneLine(Clean(text))))
}

// maxPlugin bounds the output, in bytes: Nagios keeps 8 KiB of it, older ones 4.
const maxPlugin = 4 << 10

// Nagios writes the report as monitoring plugins do: the status with the
// headline and the performance data on the first line, what failed on the lines
// behind it.
func Nagios(w io.Writer, r *report.Report, opt Options) error {
	r = cleaned(r)
	first := strings.TrimSuffix(PluginLine(PluginStatus(r), cut(r.Verdict.Headline, maxHeadline)), "\n")
	text := first + " | " + strings.Join(performance(r), " ") + "\n"
	for _, i := range incidents(r, opt) {
		line := about(i.id, i.cause)
		if i.text != oneLine(r.Verdict.Headline) { // that stands on the first line
			line += ": " + i.text
		}
		for l := range strings.SplitSeq(line+"\n"+i.story, "\n") {
			if l = plugged(l) + "\n"; l != "\n" && len(text)+len(l) <= maxPlugin {
				text += l
			}
		}
	}
	_, err := io.WriteString(w, text)
	return err
}

// maxHeadline bounds the text of the first line, in cells.
const maxHeadline = 500

// plugged takes out of a text what would end it: performance data begin at a
// pipe.
func plugged(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "|", `\x7c`), noBreak, " ")
}

// performance are the performance data: 'label'=value[UOM];warn;crit;min;max.
func performance(r *report.Report) []string {
	data := []string{perf("time", inSeconds(r.DurationMS)+"s", "", "0")}
	for _, c := range r.Checks {
		if c.Endpoint != nil && c.Result != report.Skip {
			data = append(data, perf(c.ID+"_time", inSeconds(busy(c.Steps))+"s", "", "0"))
		}
	}
	if m := r.Message; m != nil && m.ArrivedMS > 0 {
		data = append(data, perf("delivery", inSeconds(m.ArrivedMS-m.SentMS)+"s", "", "0"))
	}
	for _, c := range r.Checks {
		if c.TLS != nil && c.TLS.Certificate != nil {
			data = append(data, perf(c.ID+"_certificate_days", fmt.Sprint(c.TLS.Certificate.DaysLeft), certificateRange(), ""))
		}
	}
	return append(data, perf("logins", fmt.Sprint(r.Verdict.Logins.Made), "", "0"), perf("logins_rejected", fmt.Sprint(r.Verdict.Logins.Rejected), "", "0"))
}

// certificateRange are the days left of a certificate below which a check warns,
// and fails.
func certificateRange() string { return fmt.Sprintf("%d:;0:", wire.SoonDays) }

// perf is one datum. Levels are the ranges of a warning and of a failure, min
// the least value there can be; both may be empty.
func perf(label, value, levels, least string) string {
	if levels == "" {
		levels = ";"
	}
	return strings.TrimRight("'"+label+"'="+value+";"+levels+";"+least, ";")
}
