package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// version and commit are set by release builds (-ldflags "-X main.version=…
// -X main.commit=…"), which do not ask git while they compile.
var version, commit = "", ""

// commitDigits is how much of a commit's name is shown, as Go's own versions
// have it.
const commitDigits = 12

// versionFlag has no environment twin: CI jobs have a MAILCHECK_VERSION of their
// own, which says what to install.
const versionFlag = "version"

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		RunE:  func(*cobra.Command, []string) error { return a.printVersion() },
	}
}

func (a *app) printVersion() error {
	if _, err := fmt.Fprintln(a.stdout, versionLine()); err != nil {
		return fail(a.stderr, err)
	}
	return nil
}

// versionLine is what a report of a fault should name: the version, the commit
// where it is known, Go, and the system.
func versionLine() string {
	at := ""
	if c := programCommit(); c != "" {
		at = "commit " + c + ", "
	}
	return fmt.Sprintf("mailcheck %s (%s%s, %s/%s)", programVersion(), at, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// programVersion is the release, or what the Go toolchain knows of the build.
func programVersion() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "devel"
}

// programCommit is the commit that the program was built from, "" when nobody
// knows. A tree with other changes has a "+dirty" behind it.
func programCommit() string {
	name, dirty := commit, ""
	if name == "" {
		info, _ := debug.ReadBuildInfo()
		name, dirty = revision(info)
	}
	return name[:min(len(name), commitDigits)] + dirty
}

// revision is what the Go toolchain wrote down of git.
func revision(info *debug.BuildInfo) (name, dirty string) {
	if info == nil {
		return "", ""
	}
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			name = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			dirty = "+dirty"
		}
	}
	return name, dirty
}
