package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(away{m}, map[string]func(){"mailcheck": main, "mailcheck-sharing": sharing})
}

// away keeps tests that run the program inside this process from the keyring
// and the config file of whoever runs them.
type away struct{ *testing.M }

// Run implements testscript.TestingM.
func (a away) Run() int {
	for name, value := range map[string]string{"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent", "XDG_CONFIG_HOME": os.DevNull} {
		if err := os.Setenv(name, value); err != nil {
			panic(err)
		}
	}
	return a.M.Run()
}

// TestScript runs testdata/script/*.txtar, a feature each. Beside testscript's
// own commands there is
//
//	status N PROGRAM ARGS…   run the program, which must exit with N
//
// The program is the one that users have: with the race detector of the tests in it,
// which has seen the same code run inside their process, each run would take a second.
func TestScript(t *testing.T) {
	bin := t.TempDir()
	if out, err := exec.Command("go", "build", "-o", bin+string(filepath.Separator), ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			// Nothing of the machine's: no keyring, no CI, no settings.
			env.Setenv("PATH", bin+string(filepath.ListSeparator)+env.Getenv("PATH"))
			env.Setenv("CI", "")
			env.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
			env.Setenv("XDG_RUNTIME_DIR", env.WorkDir)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"status": status},
	})
}

func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N PROGRAM ARGS...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}
