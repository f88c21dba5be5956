// Command run makes one run with a server of a test, as the program does, and
// tells the most memory that it took. It is a process of its own so that this
// can be measured.
//
// It reads a [task] from standard input and writes an [outcome] to standard
// output.
package main

import (
	"bufio"
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"time"

	"mailcheck/creds"
	"mailcheck/internal/diagnose"
	"mailcheck/internal/render"
	"mailcheck/report"
	"mailcheck/verify"
)

// patience is longer than anything takes that is measured here.
const patience = 3 * time.Minute

// task is what to run.
type task struct {
	Address  string
	Password string
	Roots    string // PEM
	DNS      string
	Hosts    map[string]netip.Addr // addresses of names that DNS is not asked for
	Ports    map[string]string     // where a connection to a port leads, as HOST:PORT
	Fixed    []report.Endpoint
	Leave    []report.Protocol
}

// outcome is what came of it.
type outcome struct {
	FailedStep string
	Cause      report.Cause
	ExitCode   int
	Settings   string // the result of the check "settings"
	PeakKiB    int    // the largest resident set
}

func main() {
	if err := perform(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func perform(in io.Reader, out io.Writer) error {
	var job task
	if err := json.NewDecoder(in).Decode(&job); err != nil {
		return err
	}
	account, err := creds.ParseAddress(job.Address)
	if err != nil {
		return err
	}
	o := verify.Options{
		Account: account, DNS: job.DNS, Fixed: job.Fixed, Leave: job.Leave, Send: diagnose.SendAuth, Transcript: true,
		Roots: x509.NewCertPool(), Override: map[string][]netip.Addr{},
		// The bounds on what is received end the steps, however slow the machine.
		StepTimeout: patience, Timeout: 2 * patience,
		Credentials: creds.Options{PasswordStdin: strings.NewReader(job.Password + "\n")},
		Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			_, port, _ := net.SplitHostPort(address)
			if to, ok := job.Ports[port]; ok {
				address = to
			}
			return new(net.Dialer).DialContext(ctx, network, address)
		},
	}
	o.Roots.AppendCertsFromPEM([]byte(job.Roots))
	for name, addr := range job.Hosts {
		o.Override[name] = []netip.Addr{addr}
	}
	rep, err := verify.Run(context.Background(), o)
	if err != nil {
		return err
	}
	if err := errors.Join(render.JSON(io.Discard, rep, render.Options{}),
		render.Text(io.Discard, rep, render.Options{Verbosity: render.Verbose})); err != nil {
		return err
	}
	peak, err := peakKiB()
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(outcome{
		FailedStep: rep.Verdict.FailedStep, Cause: rep.Verdict.Cause, ExitCode: rep.ExitCode,
		Settings: string(rep.Check("settings").Result), PeakKiB: peak,
	})
}

// peakKiB is the most memory that this process has had resident. The resource
// usage that its parent is told would count the parent's own memory, which a
// child has until it becomes another program.
func peakKiB() (int, error) {
	f, err := os.Open("/proc/self/status")
	if err != nil {
		return 0, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var peak int
		if n, _ := fmt.Sscanf(lines.Text(), "VmHWM: %d kB", &peak); n == 1 {
			return peak, nil
		}
	}
	return 0, errors.Join(errors.New("/proc/self/status has no VmHWM"), lines.Err())
}
