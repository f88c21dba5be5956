package verify_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"mailcheck/creds"
	"mailcheck/internal/lab"
	"mailcheck/report"
	"mailcheck/verify"
)

// items are so many accounts, each with the options that set makes.
func items(n int, set func(i int) verify.Options) iter.Seq[verify.Item] {
	return func(yield func(verify.Item) bool) {
		for i := range n {
			if !yield(verify.Item{Name: fmt.Sprint("account", i), Options: set(i)}) {
				return
			}
		}
	}
}

func plain(int) verify.Options { return verify.Options{} }

// As many accounts as there are jobs are checked at the same time, each once.
func TestBatchJobs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var running, most atomic.Int32
		seen := map[string]int{}
		begin := time.Now()
		err := verify.Batch(t.Context(), items(100, plain), verify.BatchOptions{
			Jobs: 10,
			End:  func(item verify.Item, _ *report.Report, _ error) bool { seen[item.Name]++; return true },
			Run: func(context.Context, verify.Options) (*report.Report, error) {
				most.Store(max(most.Load(), running.Add(1)))
				time.Sleep(time.Second)
				running.Add(-1)
				return &report.Report{}, nil
			},
		})
		if took := time.Since(begin); err != nil || len(seen) != 100 || seen["account7"] != 1 || most.Load() != 10 || took != 10*time.Second {
			t.Errorf("%v, %d accounts, %d at once, %v", err, len(seen), most.Load(), took)
		}
	})
}

// When End says no, as after a failure with --fail-fast, no further account is
// begun, and those that run come to their end; so does an interrupt. A fault of one account is a failure of it.
func TestBatchEndsEarly(t *testing.T) {
	for name, tt := range map[string]struct {
		failFast bool
		run      func(i int) (*report.Report, error)
		stop     bool // the user does
		ended    int
	}{
		"all go on":         {run: func(int) (*report.Report, error) { return &report.Report{ExitCode: 15}, nil }, ended: 20},
		"a failure":         {failFast: true, run: func(i int) (*report.Report, error) { return &report.Report{ExitCode: 15 * (i / 4)}, nil }, ended: 8},
		"a mistake":         {failFast: true, run: func(int) (*report.Report, error) { return nil, &creds.InputError{} }, ended: 4},
		"a panic elsewhere": {run: func(int) (*report.Report, error) { return nil, &verify.Fault{} }, ended: 20},
		"interrupted":       {stop: true, run: func(int) (*report.Report, error) { return &report.Report{ExitCode: 130}, nil }, ended: 4},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				var begun atomic.Int32
				ended := 0
				err := verify.Batch(ctx, items(20, plain), verify.BatchOptions{
					Jobs: 4,
					End: func(_ verify.Item, rep *report.Report, err error) bool {
						ended++
						return !tt.failFast || err == nil && rep.ExitCode == report.ExitOK
					},
					Run: func(context.Context, verify.Options) (*report.Report, error) {
						i := int(begun.Add(1)) - 1
						time.Sleep(time.Second)
						if tt.stop {
							cancel()
						}
						return tt.run(i)
					},
				})
				if err != nil || ended != tt.ended || int(begun.Load()) != tt.ended {
					t.Errorf("%v; %d begun, %d ended, want %d", err, begun.Load(), ended, tt.ended)
				}
			})
		})
	}
}

// A panic of the batch's own goroutines is an error, not the end of the program.
func TestBatchFault(t *testing.T) {
	err := verify.Batch(t.Context(), items(3, plain), verify.BatchOptions{
		Run: func(context.Context, verify.Options) (*report.Report, error) { return &report.Report{}, nil },
		End: func(verify.Item, *report.Report, error) bool { panic("hunter2") },
	})
	var fault *verify.Fault
	if !errors.As(err, &fault) || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("%v", err)
	}
}

// What a batch takes does not grow with its accounts.
func TestBatchMemory(t *testing.T) {
	peak := func(accounts int) uint64 {
		var most, before runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		ended := 0
		err := verify.Batch(t.Context(), items(accounts, plain), verify.BatchOptions{
			Run: func(context.Context, verify.Options) (*report.Report, error) {
				return &report.Report{Checks: []*report.Check{{Transcript: []string{strings.Repeat("x", 20<<10)}}}}, nil
			},
			End: func(verify.Item, *report.Report, error) bool {
				if ended++; ended%50 == 0 {
					var now runtime.MemStats
					runtime.GC()
					runtime.ReadMemStats(&now)
					most.HeapAlloc = max(most.HeapAlloc, now.HeapAlloc)
				}
				return true
			},
		})
		if err != nil || ended != accounts {
			t.Fatalf("%v, %d accounts", err, ended)
		}
		return most.HeapAlloc - min(before.HeapAlloc, most.HeapAlloc)
	}
	few, many := peak(100), peak(10_000)
	if many > few+(1<<20) {
		t.Errorf("%d bytes for 100 accounts, %d for 10,000", few, many)
	}
}

// Accounts of one domain ask its web servers once, not once each.
func TestBatchSharesDocuments(t *testing.T) {
	var there, missing atomic.Int32
	counted := func(n *atomic.Int32, h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { n.Add(1); h.ServeHTTP(w, r) })
	}
	servers, o := start(t, lab.Options{NoSRV: true, WellKnownPorts: true, Documents: map[string]http.Handler{
		autoconfigURL: counted(&there, lab.Autoconfig("example.test", healthy("mail.example.test")...)),
		"https://example.test/.well-known/autoconfig/mail/config-v1.1.xml": counted(&missing, http.NotFoundHandler()),
	}})
	o.Dial, o.NoAuth, o.NoShareAddress = servers.DialContext, true, true
	var found []string
	err := verify.Batch(t.Context(), items(6, func(int) verify.Options { return o }), verify.BatchOptions{
		End: func(_ verify.Item, rep *report.Report, err error) bool {
			if err != nil {
				t.Error(err)
				return false
			}
			validate(t, rep)
			if step := rep.Check("settings").Step("autoconfig"); rep.Check("imap").Endpoint.Source == "autoconfig" {
				found = append(found, rep.Name+": "+step.Detail)
			}
			return true
		},
	})
	if err != nil || len(found) != 6 || there.Load() != 1 || missing.Load() > 1 {
		t.Errorf("%v, asked %d times, and %d in vain: %v", err, there.Load(), missing.Load(), found)
	}
}

// Five wrong passwords at one server, and it is left alone: the accounts after
// that say so, and nobody connects there for them.
func TestBatchStopsAHost(t *testing.T) {
	servers, o := start(t, lab.Options{})
	o = fixed(servers, o, report.TLS)
	var causes []report.Cause
	held := 0
	err := verify.Batch(t.Context(), items(25, func(i int) verify.Options {
		o := o
		o.Account.Local = fmt.Sprint("user", i)
		o.Credentials = creds.Options{PasswordStdin: strings.NewReader("wrong\n")}
		return o
	}), verify.BatchOptions{PerHost: 4, End: func(_ verify.Item, rep *report.Report, err error) bool {
		if err != nil {
			t.Error(err)
			return false
		}
		validate(t, rep)
		causes = append(causes, rep.Verdict.Cause)
		if rep.Verdict.Cause != report.AuthLimitReached {
			return true
		}
		if rep.ExitCode != report.ExitAuth || rep.Verdict.FailedStep != "imap.auth" || rep.Check("imap").Step("connect").Result == report.OK && len(causes) == 25 {
			t.Errorf("%d at %s: %s", rep.ExitCode, rep.Verdict.FailedStep, rep.Verdict.Headline)
		}
		if rep.Verdict.Logins.Made == 0 { // no server had any patience left
			held++
			if !strings.HasPrefix(rep.Verdict.Headline, "NO LOGIN WAS MADE: imap.example.test had refused") {
				t.Errorf("%s", rep.Verdict.Headline)
			}
		}
		return true
	}})
	if err != nil || len(causes) != 25 {
		t.Fatalf("%v, %v", err, causes)
	}
	refusals := 0
	for _, c := range causes {
		if c == report.AuthBadCredentials {
			refusals++
		}
	}
	for _, p := range []report.Protocol{report.IMAP, report.POP3, report.SMTP} {
		if made := servers.Logins(p); made.Rejected != 5 {
			t.Errorf("%s: %+v", p, made)
		}
	}
	if refusals != 5 || held == 0 {
		t.Errorf("%d accounts without a login, %v", held, causes)
	}
}

// Rows of one account cost it two refused logins together, at all its servers and
// however many run at once; the rows after that say so.
func TestBatchSparesAnAccount(t *testing.T) {
	for name, tc := range map[string]struct {
		jobs  int
		leave []report.Protocol
	}{
		"one after the other": {1, nil},
		"two at a time":       {2, nil},
		"all at once":         {9, nil},
		"POP3 and SMTP":       {2, []report.Protocol{report.IMAP}},
		"SMTP alone":          {2, []report.Protocol{report.IMAP, report.POP3}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			servers, o := start(t, lab.Options{})
			o.Leave = tc.leave
			spared := 0
			err := verify.Batch(t.Context(), items(9, func(i int) verify.Options {
				o := o
				o.Credentials = creds.Options{PasswordStdin: strings.NewReader("wrong\n")}
				if i%2 == 0 {
					o.Account.Local = strings.ToUpper(o.Account.Local)
				}
				return o
			}), verify.BatchOptions{Jobs: tc.jobs, PerHost: 4, End: func(_ verify.Item, rep *report.Report, err error) bool {
				if err != nil {
					t.Error(err)
					return false
				}
				validate(t, rep)
				if rep.Verdict.Cause == report.AuthLimitReached {
					if spared++; rep.Verdict.Headline != "NO LOGIN WAS MADE: this account had been refused twice in this batch." || rep.ExitCode != report.ExitAuth {
						t.Errorf("%d: %s", rep.ExitCode, rep.Verdict.Headline)
					}
				}
				return true
			}})
			refused := 0
			for _, p := range []report.Protocol{report.IMAP, report.POP3, report.SMTP} {
				refused += servers.Logins(p).Rejected
			}
			if err != nil || refused != 2 || spared < 7 {
				t.Errorf("%v: %d refused, %d rows spared", err, refused, spared)
			}
		})
	}
}

// Rows of one address cost it two refused logins together also where no two of them
// name the same host: one protocol each, or the same server by its name and its IP
// address.
func TestBatchSparesAnAccountAtManyHosts(t *testing.T) {
	for name, jobs := range map[string]int{"one after the other": 1, "all at once": 8} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			servers, o := start(t, lab.Options{})
			byIP := servers.Endpoint(report.IMAP, report.TLS)
			byIP.Host = "127.0.0.1"
			rows := []report.Endpoint{servers.Endpoint(report.IMAP, report.TLS), servers.Endpoint(report.POP3, report.TLS), servers.Endpoint(report.SMTP, report.TLS), byIP}
			o.AcceptInvalid = true // the certificate has no IP address
			spared := 0
			err := verify.Batch(t.Context(), items(8, func(i int) verify.Options {
				o := o
				o.Credentials = creds.Options{PasswordStdin: strings.NewReader("wrong\n")}
				o.Fixed = rows[i%len(rows):][:1]
				o.Leave = slices.DeleteFunc(slices.Clone(report.Protocols), func(p report.Protocol) bool { return p == o.Fixed[0].Protocol })
				return o
			}), verify.BatchOptions{Jobs: jobs, End: func(_ verify.Item, rep *report.Report, err error) bool {
				if err != nil {
					t.Error(err)
					return false
				}
				validate(t, rep)
				if rep.Verdict.Cause == report.AuthLimitReached {
					spared++
				}
				return true
			}})
			refused := 0
			for _, p := range report.Protocols {
				refused += servers.Logins(p).Rejected
			}
			if err != nil || refused != 2 || spared != 6 {
				t.Errorf("%v: %d refused, %d rows spared", err, refused, spared)
			}
		})
	}
}
