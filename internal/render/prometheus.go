package render

import (
	"cmp"
	"io"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"

	"mailcheck/report"
)

// Prometheus writes the report in the text format of Prometheus, for the
// textfile collector of its node exporter. Every series has the account as a
// label, so that the files of several accounts can lie side by side. What was
// skipped has no success: neither 0 nor 1 would be true.
func Prometheus(w io.Writer, r *report.Report, _ Options) error {
	r = cleaned(r)
	m := metrics{prometheus.NewPedanticRegistry(), r.Address}
	m.run(r)
	m.checks(r)
	families, err := m.registry.Gather()
	if err != nil {
		return err
	}
	for _, f := range families {
		if _, err := expfmt.MetricFamilyToText(w, f); err != nil {
			return err
		}
	}
	return nil
}

// metrics are those of one report.
type metrics struct {
	registry *prometheus.Registry
	account  string
}

// gauge makes a metric with these labels beside the account. Its help is English
// whatever the language of the report: files of one directory must agree.
func (m metrics) gauge(name, help string, labels ...string) *prometheus.GaugeVec {
	g := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Namespace: "mailcheck", Name: name, Help: help, ConstLabels: prometheus.Labels{"account": label(m.account)},
	}, labels)
	m.registry.MustRegister(g)
	return g
}

// run are the metrics of the whole run.
func (m metrics) run(r *report.Report) {
	v := r.Verdict
	m.gauge("info", "The version of mailcheck that made the report.", "version").WithLabelValues(label(r.Tool.Version)).Set(1)
	m.gauge("run_timestamp_seconds", "When the run began, in seconds since 1970.").WithLabelValues().Set(float64(r.Started.UnixMilli()) / 1000)
	m.gauge("run_duration_seconds", "How long the run took.").WithLabelValues().Set(float64(r.DurationMS) / 1000)
	m.gauge("exit_code", "The exit status of the run.").WithLabelValues().Set(float64(r.ExitCode))
	m.gauge("success", "Whether the run ended in exit status 0: 1 or 0.").WithLabelValues().Set(one(r.ExitCode == report.ExitOK))
	oneOf(m.gauge("result", "How the run ended: 1 for its result, 0 for the others.", "result"), r.Result, report.OK, report.Warn, report.Fail)
	verdict := m.gauge("verdict", "What works of the account: 1 for its result, 0 for the others.", "direction", "result")
	for direction, result := range map[string]report.Result{"receive": v.Receive, "send": v.Send, "delivery": v.Delivery} {
		oneOf(verdict.MustCurryWith(prometheus.Labels{"direction": direction}), result, report.OK, report.Warn, report.Fail, report.NotChecked)
	}
	if r.Result == report.Fail {
		m.gauge("failure_info", "The step that the verdict of a failed run is about, and its cause.", "step", "cause").
			WithLabelValues(label(v.FailedStep), label(string(v.Cause))).Set(1)
	}
	held := m.gauge("expectation_held", "Whether a step came to what --expect says: 1 or 0.", "expectation")
	for _, e := range r.Expectations {
		held.WithLabelValues(label(e.String())).Set(one(e.Held))
	}
	m.gauge("logins", "How many logins the run made.").WithLabelValues().Set(float64(v.Logins.Made))
	m.gauge("logins_rejected", "How many of the logins were refused.").WithLabelValues().Set(float64(v.Logins.Rejected))
	if msg := r.Message; msg != nil && msg.ArrivedMS > 0 {
		m.gauge("delivery_seconds", "How long the test message took to arrive.").WithLabelValues().Set(float64(msg.ArrivedMS-msg.SentMS) / 1000)
	}
}

// checks are the metrics of each check and step. A step that was made twice
// counts as it ended, with the time of both.
func (m metrics) checks(r *report.Report) {
	results := m.gauge("check_result", "How a check ended: 1 for its result, 0 for the others.", "check", "result")
	success := m.gauge("step_success", "Whether a step that was made did not fail: 1 or 0.", "check", "step", "subject")
	duration := m.gauge("step_duration_seconds", "How long a step took.", "check", "step", "subject")
	expiry := m.gauge("certificate_expiry_timestamp_seconds", "When the certificate of a server ends, in seconds since 1970.", "check", "host")
	verified := m.gauge("certificate_verified", "Whether the certificate of a server is good: 1 or 0.", "check", "host")
	for _, c := range r.Checks {
		oneOf(results.MustCurryWith(prometheus.Labels{"check": label(c.ID)}), c.Result, report.OK, report.Warn, report.Fail, report.Skip)
		for _, s := range c.Steps {
			if s.Result == report.Skip {
				continue
			}
			labels := []string{label(c.ID), label(s.Step), label(s.Subject)}
			success.WithLabelValues(labels...).Set(one(s.Result != report.Fail))
			duration.WithLabelValues(labels...).Add(lasted(s).Seconds())
		}
		if c.TLS != nil && c.TLS.Certificate != nil {
			expiry.WithLabelValues(label(c.ID), label(c.TLS.ServerName)).Set(float64(c.TLS.Certificate.NotAfter.Unix()))
			verified.WithLabelValues(label(c.ID), label(c.TLS.ServerName)).Set(one(c.TLS.Verified))
		}
	}
}

// lasted is how long a step took, as exactly as it is known.
func lasted(s *report.Step) time.Duration {
	return cmp.Or(s.Duration.Round(time.Microsecond), time.Duration(s.DurationMS)*time.Millisecond)
}

// oneOf sets the series of one result to 1 and those of the others to 0, so
// that none goes stale when another comes.
func oneOf(g *prometheus.GaugeVec, is report.Result, all ...report.Result) {
	for _, result := range all {
		g.WithLabelValues(string(result)).Set(one(result == is))
	}
}

func one(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

// maxLabel bounds the value of a label, in bytes: a domain name fits.
const maxLabel = 256

// label makes a value fit for a label: one line, bounded. (Escaping is the
// library's part.)
func label(s string) string {
	if s = oneLine(s); len(s) > maxLabel {
		s = strings.ToValidUTF8(s[:maxLabel], "") + "..."
	}
	return s
}
