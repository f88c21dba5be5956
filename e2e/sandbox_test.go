//go:build linux

package e2e

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
)

const (
	// wantedEnv asks for these tests; CI asks for everything.
	wantedEnv = "MAILCHECK_E2E"
	// dirEnv tells the test binary that it runs inside the namespaces, and
	// which directory is its own.
	dirEnv = "MAILCHECK_E2E_DIR"
)

// commands are what the tests run; ./e2e/test.sh knows their packages.
var commands = []string{
	"dovecot", "postfix", "postsuper", "/usr/lib/postfix/sbin/master", "knotd", "unbound",
	"dbus-daemon", "gnome-keyring-daemon", "secret-tool", browserCommand, "ip", "nft",
	"xmllint", "promtool", "prometheus", "prometheus-node-exporter", "systemd-analyze",
}

// lab is the one mail domain that all tests share; nil when they are left out.
var lab *site

func TestMain(m *testing.M) {
	switch {
	case os.Getenv(dirEnv) != "":
		os.Exit(inside(m, os.Getenv(dirEnv)))
	case os.Getenv(wantedEnv) != "" || os.Getenv("CI") != "":
		os.Exit(outside())
	}
	// The go command hides the output of a package that passes, this line
	// excepted: it shows it as "[no tests to run]". With -v each test that is
	// left out says so, and why.
	fmt.Println("testing: warning: no tests to run")
	os.Exit(m.Run())
}

// theLab returns the shared mail domain, or leaves the test out.
func theLab(t *testing.T) *site {
	t.Helper()
	if lab == nil {
		t.Skipf("left out: it needs root and real servers; run ./e2e/test.sh, or set %s=1", wantedEnv)
	}
	return lab
}

// outside builds the program and runs the tests in namespaces of their own.
// When this process ends, in whatever way, the kernel ends all of theirs.
func outside() int {
	if err := missing(); err != nil {
		fmt.Fprintf(os.Stderr, "e2e: %v; run ./e2e/test.sh as root\n", err)
		return 1
	}
	dir, err := os.MkdirTemp("", "mailcheck-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		return 1
	}
	defer os.RemoveAll(dir)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// Outside, because a module may have to be fetched.
	if err := build(ctx, dir); err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		return 1
	}
	runtime.LockOSThread() // Pdeathsig follows the thread that starts the child
	self := exec.CommandContext(ctx, "/proc/self/exe", os.Args[1:]...)
	self.Env = append(os.Environ(), dirEnv+"="+dir)
	self.Stdout, self.Stderr = os.Stdout, os.Stderr
	self.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWPID | syscall.CLONE_NEWNS,
		Pdeathsig:  syscall.SIGKILL,
	}
	err = self.Run()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && exit.Exited() {
		return exit.ExitCode()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e: the tests in their namespaces:", err)
		return 1
	}
	return 0
}

// missing says what this machine lacks.
func missing() error {
	if os.Geteuid() != 0 {
		return errors.New("the tests against real servers need root")
	}
	var all []error
	for _, name := range commands {
		if _, err := exec.LookPath(name); err != nil {
			all = append(all, err)
		}
	}
	return errors.Join(all...)
}

// build puts the program under test, with the race detector, and the
// authorization server, which is a module of its own, into dir.
func build(ctx context.Context, dir string) error {
	program := exec.CommandContext(ctx, "go", "build", "-race", "-buildvcs=false", "-o", filepath.Join(dir, "mailcheck"), "mailcheck/cmd/mailcheck")
	server := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-o", filepath.Join(dir, "authserver"), ".")
	server.Dir = "authserver"
	for _, cmd := range []*exec.Cmd{program, server} {
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%v: %w\n%s", cmd, err, bytes.TrimSpace(out))
		}
	}
	return nil
}

// inside makes the namespaces a machine of their own, starts the mail domain
// and runs the tests.
func inside(m *testing.M, dir string) int {
	if err := furnish(dir); err != nil {
		fmt.Fprintln(os.Stderr, "e2e: the namespaces:", err)
		return 1
	}
	s, err := startSite(dir)
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		return 1
	}
	lab = s
	// Tests that run side by side wait more than they work.
	if err := flag.Set("test.parallel", "6"); err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		return 1
	}
	return m.Run()
}

// furnish gives the namespaces their own /proc, a loopback interface and the
// lab's resolver.
func furnish(dir string) error {
	// Servers that give up root must still reach what is below.
	if err := os.Chmod(dir, 0o755); err != nil {
		return err
	}
	if err := syscall.Mount("", "/", "", syscall.MS_PRIVATE|syscall.MS_REC, ""); err != nil {
		return fmt.Errorf("private mounts: %w", err)
	}
	if err := syscall.Mount("proc", "/proc", "proc", 0, ""); err != nil {
		return fmt.Errorf("mount /proc: %w", err)
	}
	if out, err := exec.Command("ip", "link", "set", "lo", "up").CombinedOutput(); err != nil {
		return fmt.Errorf("ip link set lo up: %w: %s", err, out)
	}
	conf := filepath.Join(dir, "resolv.conf")
	if err := os.WriteFile(conf, []byte("nameserver "+siteIP+"\n"), 0o644); err != nil {
		return err
	}
	if err := syscall.Mount(conf, "/etc/resolv.conf", "", syscall.MS_BIND, ""); err != nil {
		return fmt.Errorf("bind %s to /etc/resolv.conf: %w", conf, err)
	}
	return nil
}
