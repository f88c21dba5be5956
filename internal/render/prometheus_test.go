package render

import (
	"bytes"
	"testing"
	"time"

	"mailcheck/internal/wellformed"
	"mailcheck/report"
)

func metricsOf(t *testing.T, r *report.Report) (wellformed.Series, []byte) {
	t.Helper()
	data := output(t, func(w *bytes.Buffer) error { return Prometheus(w, r, Options{}) })
	series, err := wellformed.Metrics(data)
	if err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	return series, data
}

func TestPrometheus(t *testing.T) {
	for name := range samples {
		metricsOf(t, sampled(name))
	}
	r := sampled("receive-not-send")
	r.Check("imap").Step("auth").Duration = 187123456 * time.Nanosecond
	series, data := metricsOf(t, r)
	for name, want := range map[string]float64{
		`mailcheck_info{version="1.0.0"}`:                                                        1,
		`mailcheck_success`:                                                                      0,
		`mailcheck_exit_code`:                                                                    15,
		`mailcheck_result{result="fail"}`:                                                        1,
		`mailcheck_result{result="ok"}`:                                                          0,
		`mailcheck_verdict{direction="receive",result="ok"}`:                                     1,
		`mailcheck_verdict{direction="send",result="fail"}`:                                      1,
		`mailcheck_verdict{direction="send",result="ok"}`:                                        0,
		`mailcheck_verdict{direction="delivery",result="not_checked"}`:                           1,
		`mailcheck_failure_info{cause="auth.smtp_auth_disabled",step="smtp.auth"}`:               1,
		`mailcheck_step_success{check="imap",step="auth"}`:                                       1,
		`mailcheck_step_success{check="smtp",step="auth"}`:                                       0,
		`mailcheck_step_duration_seconds{check="smtp",step="auth"}`:                              5.069,
		`mailcheck_step_duration_seconds{check="imap",step="auth"}`:                              0.187123,
		`mailcheck_step_duration_seconds{check="dns",step="host",subject="smtp.office365.com"}`:  0.018,
		`mailcheck_check_result{check="delivery",result="skip"}`:                                 1,
		`mailcheck_run_timestamp_seconds`:                                                        float64(began.Unix()),
		`mailcheck_run_duration_seconds`:                                                         5.9,
		`mailcheck_certificate_expiry_timestamp_seconds{check="smtp",host="smtp.office365.com"}`: float64(began.AddDate(0, 0, 214).Unix()),
		`mailcheck_logins`:          3,
		`mailcheck_logins_rejected`: 1,
	} {
		if got, ok := series[name]; !ok || got != want {
			t.Errorf("%s is %v (there: %v), want %v", name, got, ok, want)
		}
	}
	// What was not done has neither succeeded nor failed.
	for _, name := range []string{`mailcheck_step_success{check="smtp",step="rcpt"}`, "mailcheck_delivery_seconds"} {
		if _, ok := series[name]; ok {
			t.Errorf("there is %s", name)
		}
	}
	golden(t, "receive-not-send.prometheus", data)
	_, data = metricsOf(t, filled(sampled("all-well"), evil+`"\`))
	golden(t, "hostile.prometheus", data)

	series, _ = metricsOf(t, sampled("all-well"))
	if series["mailcheck_success"] != 1 || series["mailcheck_delivery_seconds"] != 1.904 {
		t.Errorf("%v", series)
	}
	// Files of one directory must agree, whatever language their reports are in.
	ja := sampled("receive-not-send")
	ja.Lang = "ja"
	if _, other := metricsOf(t, ja); !bytes.Equal(other, output(t, func(w *bytes.Buffer) error { return Prometheus(w, sampled("receive-not-send"), Options{}) })) {
		t.Error("the language makes a difference")
	}
}

// A step that was made twice counts as it ended, with the time of both.
func TestPrometheusOfARepeatedStep(t *testing.T) {
	r := sampled("all-well")
	c := r.Check("imap")
	first := &report.Step{ID: "imap.auth", Step: "auth", Result: report.Fail, DurationMS: 100, Cause: report.AuthBadCredentials}
	c.Steps = append([]*report.Step{first}, c.Steps...)
	series, _ := metricsOf(t, r)
	if series[`mailcheck_step_success{check="imap",step="auth"}`] != 1 || series[`mailcheck_step_duration_seconds{check="imap",step="auth"}`] != 0.131 {
		t.Errorf("%v", series)
	}
}
