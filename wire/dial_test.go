package wire

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"mailcheck/report"
)

// network is a network in which each address behaves as told: it answers
// after a while, fails with an error, or never answers.
type network map[string]struct {
	after time.Duration
	err   error
	never bool
}

func (n network) dial(ctx context.Context, _, address string) (net.Conn, error) {
	host, _, _ := net.SplitHostPort(address)
	a, known := n[host]
	if !known || a.never {
		<-ctx.Done()
		return nil, &net.OpError{Op: "dial", Err: ctx.Err()}
	}
	select {
	case <-time.After(a.after):
	case <-ctx.Done():
		return nil, &net.OpError{Op: "dial", Err: ctx.Err()}
	}
	if a.err != nil {
		return nil, &net.OpError{Op: "dial", Err: a.err}
	}
	client, server := net.Pipe()
	context.AfterFunc(ctx, func() { server.Close() })
	return addressed{client, address}, nil
}

type addressed struct {
	net.Conn
	address string
}

func (a addressed) RemoteAddr() net.Addr { return named(a.address) }

type named string

func (named) Network() string  { return "tcp" }
func (n named) String() string { return string(n) }

func addrs(s ...string) (out []netip.Addr) {
	for _, a := range s {
		out = append(out, netip.MustParseAddr(a))
	}
	return out
}

func TestConnect(t *testing.T) {
	ms := func(n int64) *int64 { return &n }
	for name, tc := range map[string]struct {
		network network
		addrs   []netip.Addr
		result  report.Result
		cause   report.Cause // of the step, as far as connect sets it
		want    []report.Address
		took    time.Duration // of the step
	}{
		"one address": {
			network{"192.0.2.1": {after: 10 * time.Millisecond}}, addrs("192.0.2.1"),
			report.OK, "", []report.Address{{IP: "192.0.2.1", Result: report.OK, ConnectMS: ms(10)}}, 10 * time.Millisecond,
		},
		"IPv6 first, both alive": {
			network{"192.0.2.1": {after: time.Millisecond}, "2001:db8::1": {after: 2 * time.Millisecond}}, addrs("192.0.2.1", "2001:db8::1"),
			report.OK, "", []report.Address{{IP: "2001:db8::1", Result: report.OK, ConnectMS: ms(2)}, {IP: "192.0.2.1", Result: report.OK, ConnectMS: ms(1)}}, 2 * time.Millisecond,
		},
		"IPv6 silent": {
			network{"192.0.2.1": {after: 5 * time.Millisecond}, "2001:db8::1": {never: true}}, addrs("2001:db8::1", "192.0.2.1"),
			report.Warn, report.ConnectAddressDead, []report.Address{{IP: "2001:db8::1", Result: report.Fail, Cause: report.ConnectTimeout}, {IP: "192.0.2.1", Result: report.OK, ConnectMS: ms(5)}}, attemptDelay + 5*time.Millisecond,
		},
		"IPv6 refused": {
			network{"192.0.2.1": {after: 5 * time.Millisecond}, "2001:db8::1": {after: time.Millisecond, err: syscall.ECONNREFUSED}}, addrs("2001:db8::1", "192.0.2.1"),
			report.Warn, report.ConnectAddressDead, []report.Address{{IP: "2001:db8::1", Result: report.Fail, Cause: report.ConnectRefused}, {IP: "192.0.2.1", Result: report.OK, ConnectMS: ms(5)}}, 6 * time.Millisecond,
		},
		"no IPv6 here": {
			network{"192.0.2.1": {after: 5 * time.Millisecond}, "2001:db8::1": {err: syscall.ENETUNREACH}}, addrs("2001:db8::1", "192.0.2.1"),
			report.OK, "", []report.Address{{IP: "2001:db8::1", Result: report.Skip, Cause: report.ConnectUnreachable}, {IP: "192.0.2.1", Result: report.OK, ConnectMS: ms(5)}}, 5 * time.Millisecond,
		},
		"no IPv6 on Windows": {
			network{"192.0.2.1": {after: 5 * time.Millisecond}, "2001:db8::1": {err: syscall.Errno(10051)}}, addrs("2001:db8::1", "192.0.2.1"),
			report.OK, "", []report.Address{{IP: "2001:db8::1", Result: report.Skip, Cause: report.ConnectUnreachable}, {IP: "192.0.2.1", Result: report.OK, ConnectMS: ms(5)}}, 5 * time.Millisecond,
		},
		"all refused on Windows": {
			network{"192.0.2.1": {err: syscall.Errno(10061)}}, addrs("192.0.2.1"),
			report.Fail, "", []report.Address{{IP: "192.0.2.1", Result: report.Fail, Cause: report.ConnectRefused}}, 0,
		},
		"all refused": {
			network{"192.0.2.1": {err: syscall.ECONNREFUSED}, "192.0.2.2": {err: syscall.ECONNREFUSED}}, addrs("192.0.2.1", "192.0.2.2"),
			report.Fail, "", []report.Address{{IP: "192.0.2.1", Result: report.Fail, Cause: report.ConnectRefused}, {IP: "192.0.2.2", Result: report.Fail, Cause: report.ConnectRefused}}, 0,
		},
		"all silent": {
			network{}, addrs("192.0.2.1"),
			report.Fail, "", []report.Address{{IP: "192.0.2.1", Result: report.Fail, Cause: report.ConnectTimeout}}, 15 * time.Second,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				log := &report.Log{StepTimeout: func(string) time.Duration { return 15 * time.Second }}
				rec := log.Check("imap", nil)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				conn, err := Connect(ctx, rec, Target{Host: "imap.example.com", Port: 993, Addresses: tc.addrs}, Options{DialContext: tc.network.dial})
				step := rec.Check().Step("connect")
				if step.Duration != tc.took {
					t.Errorf("took %v, want %v", step.Duration, tc.took)
				}
				if conn != nil {
					conn.Finish(rec)
				} else if tc.result != report.Fail {
					t.Fatal(err)
				}
				if step.Result != tc.result || step.Cause != tc.cause {
					t.Errorf("step %s %s, want %s %s", step.Result, step.Cause, tc.result, tc.cause)
				}
				equal := func(a, b report.Address) bool {
					return a.IP == b.IP && a.Result == b.Result && a.Cause == b.Cause && (a.ConnectMS == nil) == (b.ConnectMS == nil) &&
						(a.ConnectMS == nil || *a.ConnectMS == *b.ConnectMS)
				}
				if got := rec.Check().Addresses; !slices.EqualFunc(got, tc.want, equal) {
					t.Errorf("addresses %+v, want %+v", got, tc.want)
				}
			})
		})
	}
}

// Finish waits for the other addresses, but not longer than surveyTime.
func TestSurveyEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := new(report.Log).Check("imap", nil)
		n := network{"192.0.2.1": {}}
		conn, err := Connect(t.Context(), rec, Target{Host: "h", Port: 1, Addresses: addrs("192.0.2.1", "192.0.2.2")}, Options{DialContext: n.dial})
		if err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		conn.Finish(rec)
		if took := time.Since(begin); took != surveyTime {
			t.Errorf("Finish took %v", took)
		}
	})
}

// When every address has answered, nothing of the survey is left that its run
// would keep until its end.
func TestSurveyLeavesNothing(t *testing.T) {
	for name, tried := range map[string][]netip.Addr{"one": addrs("192.0.2.1"), "two": addrs("192.0.2.1", "192.0.2.2")} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var mu sync.Mutex
				var ctxs []context.Context
				dial := func(ctx context.Context, _, address string) (net.Conn, error) {
					mu.Lock()
					ctxs = append(ctxs, ctx)
					mu.Unlock()
					client, server := net.Pipe()
					t.Cleanup(func() { server.Close() })
					return addressed{client, address}, nil
				}
				log := &report.Log{StepTimeout: func(string) time.Duration { return time.Minute }}
				rec := log.Check("imap", nil)
				conn, err := Connect(t.Context(), rec, Target{Host: "h", Port: 1, Addresses: tried}, Options{DialContext: dial})
				if err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
				for _, ctx := range ctxs {
					if ctx.Err() == nil {
						t.Error("a survey that has ended still waits")
					}
				}
				if len(ctxs) != len(tried) || conn.Err() != nil {
					t.Errorf("%d attempts, the connection: %v", len(ctxs), conn.Err())
				}
				conn.Finish(rec)
				for _, a := range rec.Check().Addresses {
					if a.Result != report.OK {
						t.Errorf("%s: %s %s", a.IP, a.Result, a.Cause)
					}
				}
			})
		})
	}
}

func TestConnectErrorKeepsItsType(t *testing.T) {
	rec := new(report.Log).Check("smtp", nil)
	n := network{"192.0.2.1": {err: syscall.ECONNREFUSED}}
	_, err := Connect(t.Context(), rec, Target{Host: "h", Port: 25, Addresses: addrs("192.0.2.1")}, Options{DialContext: n.dial})
	var ce *ConnectError
	if !errors.As(err, &ce) || !errors.Is(err, syscall.ECONNREFUSED) || ce.Host != "h" {
		t.Errorf("got %v", err)
	}
	_, err = Connect(t.Context(), rec, Target{Host: "h", Port: 25}, Options{DialContext: n.dial})
	if !errors.As(err, &ce) {
		t.Errorf("no address: got %v", err)
	}
}

func TestInterleave(t *testing.T) {
	got := interleave(addrs("192.0.2.1", "192.0.2.2", "192.0.2.3", "2001:db8::1", "::ffff:192.0.2.4"))
	if want := addrs("2001:db8::1", "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	var many []netip.Addr
	for i := range 300 {
		many = append(many, netip.AddrFrom4([4]byte{192, 0, 2, byte(i)}))
	}
	if got := interleave(many); len(got) != MaxAddresses {
		t.Errorf("%d addresses are tried", len(got))
	}
}
