package verify

import (
	"slices"
	"strings"
	"testing"

	"mailcheck/internal/diagnose"
	"mailcheck/report"
)

// What can be expected (--expect) are the steps that runs have. Package diagnose
// imports no protocol, so it lists them a second time.
func TestStepsThatCanBeExpected(t *testing.T) {
	plans := map[string][]string{"delivery": deliverySteps, report.MXCheck: receivingSteps}
	for _, p := range protocols {
		for _, way := range []report.Security{report.TLS, report.STARTTLS, report.None} {
			plans[string(p.name)] = append(plans[string(p.name)], p.steps(way)...)
		}
	}
	for check, plan := range plans {
		_, err := diagnose.ParseExpectation(check + ".nothing=ok")
		if err == nil {
			t.Errorf("%s.nothing can be expected", check)
			continue
		}
		_, list, _ := strings.Cut(err.Error(), " has the steps ")
		expectable, planned := strings.Split(list, ", "), slices.Clone(plan)
		slices.Sort(expectable)
		slices.Sort(planned)
		if planned = slices.Compact(planned); !slices.Equal(expectable, planned) {
			t.Errorf("of the check %s can be expected %q; it has the steps %q", check, expectable, planned)
		}
	}
}
