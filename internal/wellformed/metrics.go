package wellformed

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// Series are the values of metrics, by name and labels as they are usually
// written, without the label "account": `mailcheck_step_success{check="imap",step="auth"}`.
type Series map[string]float64

// Metrics reads metrics in the text format of Prometheus, and holds them to what
// `promtool check metrics` wants. Every series has to have an account.
func Metrics(data []byte) (Series, error) {
	problems, err := promlint.New(bytes.NewReader(data)).Lint()
	if err != nil {
		return nil, err
	}
	if len(problems) > 0 {
		return nil, fmt.Errorf("%+v", problems)
	}
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	all := Series{}
	for name, f := range families {
		if f.GetHelp() == "" || f.Type == nil {
			return nil, fmt.Errorf("%s has no HELP or TYPE", name)
		}
		for _, m := range f.GetMetric() {
			var labels []string
			account := false
			for _, l := range m.GetLabel() {
				account = account || l.GetName() == "account"
				if strings.Contains(l.GetValue(), "\n") || !utf8.ValidString(l.GetValue()) || len(l.GetValue()) > 300 {
					return nil, fmt.Errorf("%s has the label %q", name, l.GetValue())
				}
				if l.GetName() != "account" && l.GetValue() != "" {
					labels = append(labels, fmt.Sprintf("%s=%q", l.GetName(), l.GetValue()))
				}
			}
			if !account {
				return nil, fmt.Errorf("%s has no account", name)
			}
			series := name
			if len(labels) > 0 {
				series += "{" + strings.Join(labels, ",") + "}"
			}
			if _, again := all[series]; again {
				return nil, fmt.Errorf("%s is there twice", series)
			}
			all[series] = m.GetGauge().GetValue()
		}
	}
	return all, nil
}
