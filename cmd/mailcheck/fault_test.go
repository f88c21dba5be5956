package main

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"

	"mailcheck/internal/crash"
	"mailcheck/internal/render"
	"mailcheck/report"
	"mailcheck/verify"
)

// A fault of the program ends in its own exit status, with one line that
// repeats nothing of what it happened over, and no report that looks whole.
func TestFaultOfTheProgram(t *testing.T) {
	const words = "535 hunter2"
	for name, j := range map[string]job{
		"in a goroutine": {run: func(ctx context.Context, _ verify.Options) (*report.Report, error) {
			return crash.Contain(ctx, func(ctx context.Context) (*report.Report, error) {
				go crash.Guard(ctx, func() { panic(words) })()
				<-ctx.Done()
				return nil, ctx.Err()
			})
		}},
		"in the report": {
			run:  func(context.Context, verify.Options) (*report.Report, error) { return &report.Report{}, nil },
			text: func(io.Writer, *report.Report, render.Options) error { panic(words) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			a := &app{stdout: &stdout, stderr: &stderr, env: func(string) (string, bool) { return "", false }}
			status := a.status(func() error { return a.perform(t.Context(), verify.Options{}, outputFlags{}, j) })
			if status != report.ExitInternal || stdout.Len() > 0 {
				t.Errorf("exit status %d, %q", status, stdout.String())
			}
			said := stderr.String()
			if !strings.HasPrefix(said, "mailcheck: a fault of mailcheck itself: ") || strings.Contains(said, "hunter2") || strings.Count(said, "\n") != 1 {
				t.Errorf("it says %q", said)
			}
		})
	}
}
