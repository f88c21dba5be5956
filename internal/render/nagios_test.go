package render

import (
	"bytes"
	"strings"
	"testing"

	"mailcheck/internal/diagnose"
	"mailcheck/internal/wellformed"
	"mailcheck/report"
)

func nagios(t *testing.T, r *report.Report) (*wellformed.Status, []byte) {
	t.Helper()
	data := output(t, func(w *bytes.Buffer) error { return Nagios(w, r, Options{}) })
	status, err := wellformed.Plugin(string(data))
	if err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	return status, data
}

func TestPluginStatus(t *testing.T) {
	for _, tt := range []struct {
		result report.Result
		exit   int
		want   string
	}{
		{report.OK, report.ExitOK, "OK"},
		{report.Warn, report.ExitOK, "WARNING"},
		{report.Warn, report.ExitWarn, "CRITICAL"},
		{report.Fail, report.ExitCreds, "UNKNOWN"},
		{report.Fail, report.ExitSettings, "CRITICAL"},
		{report.Fail, report.ExitDNS, "CRITICAL"},
		{report.Fail, report.ExitConnect, "CRITICAL"},
		{report.Fail, report.ExitAuth, "CRITICAL"},
		{report.Fail, report.ExitDelivery, "CRITICAL"},
		{report.Fail, report.ExitInternal, "UNKNOWN"},
		{report.Fail, report.ExitInterrupted, "UNKNOWN"},
	} {
		if got := PluginStatus(&report.Report{Result: tt.result, ExitCode: tt.exit}).String(); got != tt.want {
			t.Errorf("%s, exit status %d: %s, want %s", tt.result, tt.exit, got, tt.want)
		}
	}
	for status, exit := range map[Status]int{StatusOK: 0, StatusWarning: 1, StatusCritical: 2, StatusUnknown: 3} {
		if int(status) != exit {
			t.Errorf("%s is %d", status, status)
		}
	}
}

func TestNagios(t *testing.T) {
	for name := range samples {
		r := sampled(name)
		status, _ := nagios(t, r)
		if status.Word != PluginStatus(r).String() {
			t.Errorf("%s: %s", name, status.Word)
		}
	}
	status, data := nagios(t, sampled("receive-not-send"))
	if status.Word != "CRITICAL" || !strings.HasPrefix(status.Text, "YOU CAN RECEIVE BUT NOT SEND") {
		t.Errorf("%+v", status)
	}
	if long := strings.Join(status.Long, "\n"); !strings.HasPrefix(long, "smtp.auth (auth.smtp_auth_disabled)\n") || !strings.Contains(long, "535 5.7.139") || !strings.Contains(long, "1. The administrator") {
		t.Errorf("it says %s", long)
	}
	golden(t, "receive-not-send.nagios", data)
	_, data = nagios(t, inJapanese("receive-not-send", diagnose.Facts{}))
	golden(t, "receive-not-send-ja.nagios", data)

	status, _ = nagios(t, sampled("all-well"))
	for label, want := range map[string]wellformed.Datum{
		"time":                  {Value: 2.5, Unit: "s", Min: "0"},
		"imap_time":             {Value: 0.122, Unit: "s", Min: "0"},
		"delivery":              {Value: 1.904, Unit: "s", Min: "0"},
		"imap_certificate_days": {Value: 61, Warn: "21:", Crit: "0:"},
		"logins":                {Value: 3, Min: "0"},
		"logins_rejected":       {Value: 0, Min: "0"},
	} {
		if got := status.Perf[label]; got != want {
			t.Errorf("%s is %+v, want %+v", label, got, want)
		}
	}
	if len(status.Long) > 0 {
		t.Errorf("a good run says %q", status.Long)
	}
}

// A pipe would begin performance data.
func TestPluginLine(t *testing.T) {
	if got, want := PluginLine(StatusUnknown, "a|b\nc\x1b"), "MAILCHECK UNKNOWN: a\\x7cb c\\x1b\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
