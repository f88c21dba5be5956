package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"mailcheck/internal/render"
	"mailcheck/report"
)

// asksPlugin tells whether the program was called as a monitoring plugin: with
// the format nagios on stdout. It reads the arguments as they are, because a
// mistake in them is to be told in the way of plugins too.
func asksPlugin(args []string, env func(string) (string, bool)) bool {
	const format = "nagios"
	given := false
	for i, arg := range args {
		value, isFlag := "", true
		switch {
		case arg == "--":
			return false
		case arg == "-o" || arg == "--output":
			value = strings.Join(args[i+1:min(i+2, len(args))], "")
		case strings.HasPrefix(arg, "--output="):
			value = strings.TrimPrefix(arg, "--output=")
		case strings.HasPrefix(arg, "-o"):
			value = strings.TrimPrefix(strings.TrimPrefix(arg, "-o"), "=")
		default:
			isFlag = false
		}
		if value == format {
			return true
		}
		given = given || isFlag
	}
	twin, _ := env(outputTwin)
	return !given && slices.Contains(strings.Fields(twin), format) && reports(args)
}

// reports tells whether the command that the arguments name makes a report in any of
// the formats; others do not have that of MAILCHECK_OUTPUT.
func reports(args []string) bool {
	cmd, _, err := (&app{}).root().Find(args)
	return err != nil || slices.Contains([]string{"mailcheck", "discover", "demo"}, cmd.Name())
}

// asPlugin runs the program as a monitoring plugin. What goes wrong before there
// is a report is UNKNOWN, and told on stdout: nobody looks at stderr.
func (a *app) asPlugin(run func() int) int {
	stderr := a.stderr
	held := &heldBack{}
	a.stderr = held
	status := run()
	a.stderr = stderr
	said := held.String()
	if status == report.ExitOK || a.concluded {
		_, _ = io.WriteString(stderr, said) // where there is no stderr, there is nobody to tell
		return status
	}
	why, _, _ := strings.Cut(strings.TrimPrefix(said, "mailcheck: "), "\n")
	fmt.Fprint(a.stdout, render.PluginLine(render.StatusUnknown, why))
	return int(render.StatusUnknown)
}

// heldBack is what is written to it, by the program and by a command that gives
// the password.
type heldBack struct {
	mu sync.Mutex
	b  strings.Builder
}

func (h *heldBack) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.b.Write(p)
}

func (h *heldBack) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.b.String()
}

// concludePlugin ends a plugin whose report is written; failed is the error of
// writing it, or of another output.
func (a *app) concludePlugin(rep *report.Report, failed error) error {
	a.concluded = true
	status := render.PluginStatus(rep)
	if failed != nil {
		status = render.StatusUnknown
	}
	return exitWith(int(status))
}
