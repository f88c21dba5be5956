package verify_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"

	"mailcheck/internal/lab"
	"mailcheck/report"
	"mailcheck/verify"
)

// A fault of this program, in whichever goroutine, ends the run as such,
// without the words that it happened over. TestMain sees that no goroutine
// stays behind.
func TestFaultEndsTheRun(t *testing.T) {
	const words = "535 hunter2"
	faults := map[string]func(*verify.Options){
		"dial": func(o *verify.Options) {
			o.Dial = func(context.Context, string, string) (net.Conn, error) { panic(errors.New(words)) }
		},
	}
	for _, step := range steps(t) {
		faults[step] = func(o *verify.Options) {
			o.Observe = func(e report.Event) {
				if e.Step.ID == step {
					panic(words)
				}
			}
		}
	}
	for name, set := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, o := start(t, lab.Options{})
			o.MX = true
			set(&o)
			rep, err := verify.Run(context.Background(), o)
			var fault *verify.Fault
			if !errors.As(err, &fault) || rep != nil {
				t.Fatalf("report %v, error %v", rep, err)
			}
			if strings.Contains(err.Error(), "hunter2") || fault.Where == "" {
				t.Errorf("error %v", err)
			}
		})
	}
}

// steps are the ids of a healthy run's steps.
func steps(t *testing.T) []string {
	_, o := start(t, lab.Options{})
	o.MX = true
	var ids []string
	for _, c := range run(t, o).Checks {
		for _, s := range c.Steps {
			ids = append(ids, s.ID)
		}
	}
	return ids
}
