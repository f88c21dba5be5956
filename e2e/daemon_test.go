//go:build linux

package e2e

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// startLimit bounds how long a server may take until it answers. Each needs
// less than 0.2 s on two idle cores; the rest is for a busy machine.
const startLimit = 20 * time.Second

// daemon is a server that runs in the foreground, with a session, and so a
// process group, of its own.
type daemon struct {
	name   string
	output string // the file that takes its stdout and stderr
	cmd    *exec.Cmd
	exited chan struct{}
	gone   bool // stopped, with all that it started
}

// startDaemon starts a server. Its environment is env and PATH, nothing else.
func startDaemon(output string, env []string, stdin io.Reader, name string, args ...string) (*daemon, error) {
	log, err := os.OpenFile(output, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd := exec.Command(name, args...)
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH")}, env...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = stdin, log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	d := &daemon{name: name, output: output, cmd: cmd, exited: make(chan struct{})}
	go func() {
		defer close(d.exited)
		_ = cmd.Wait() // how it ended is of interest only while it is awaited
	}()
	return d, nil
}

// ready waits until the server answers, or says why it does not.
func (d *daemon) ready(answers func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		err := answers(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-tick.C:
			continue
		case <-d.exited:
			err = errors.New("it ended")
		case <-ctx.Done():
		}
		said, _ := os.ReadFile(d.output)
		return fmt.Errorf("%s does not answer: %w\n%s", d.name, err, said)
	}
}

// stop ends the server and every process that it started, at once, and
// returns when none is left: their ports are free again. A nil daemon was
// never started.
func (d *daemon) stop() {
	if d == nil || d.gone {
		return
	}
	d.gone = true
	group := -d.cmd.Process.Pid
	_ = syscall.Kill(group, syscall.SIGKILL) // ESRCH: it has ended by itself
	<-d.exited
	// Orphans become children of process 1, which this is.
	for {
		if _, err := syscall.Wait4(group, nil, 0, nil); err != nil && !errors.Is(err, syscall.EINTR) {
			return // ECHILD: none is left
		}
	}
}
