package main

import (
	"errors"
	"io"
	"os"

	"mailcheck/internal/render"
	"mailcheck/report"
)

// tellJob gives a job of GitHub Actions what it wants beside the commands: the
// report for the summary of the job (GITHUB_STEP_SUMMARY), and the outputs of the
// step for the steps after it (GITHUB_OUTPUT). Both variables name files that
// are added to.
func (a *app) tellJob(rep *report.Report, opt render.Options) error {
	return errors.Join(
		a.addTo("GITHUB_STEP_SUMMARY", func(w io.Writer) error { return render.Markdown(w, rep, opt) }),
		a.addTo("GITHUB_OUTPUT", func(w io.Writer) error { return render.StepOutputs(w, rep) }),
	)
}

// addTo adds to the file that an environment variable names; without it there
// is nothing to do.
func (a *app) addTo(variable string, write func(io.Writer) error) error {
	name, _ := a.env(variable)
	if name == "" {
		return nil
	}
	f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}
