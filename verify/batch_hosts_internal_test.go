package verify

import (
	"context"
	crand "crypto/rand"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"mailcheck/report"
	"mailcheck/wire"
)

// somebody is another account each time.
func somebody(host string) applicant {
	return applicant{names: []string{crand.Text()}, host: host}
}

// However the hosts of runs overlap, each run comes to its end, and no host ever
// has more of them than allowed.
func TestHostsNobodyWaitsForEver(t *testing.T) {
	for seed := range uint64(20) {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 0))
			const limit = 2
			h := newHosts(limit, 0)
			var mu sync.Mutex
			at := map[string]int{}
			var runs sync.WaitGroup
			for range 50 {
				var names []string
				for _, n := range random.Perm(4)[:1+random.IntN(3)] {
					names = append(names, fmt.Sprint("host", n))
				}
				stay := time.Duration(random.IntN(1000)) * time.Millisecond
				runs.Go(func() {
					leave := h.enter(t.Context(), names)
					mu.Lock()
					for _, name := range names {
						if at[name]++; at[name] > limit {
							t.Errorf("%d runs at %s", at[name], name)
						}
					}
					mu.Unlock()
					time.Sleep(stay)
					mu.Lock()
					for _, name := range names {
						at[name]--
					}
					mu.Unlock()
					leave()
				})
			}
			runs.Wait()
		})
	}
}

// Who wants two hosts is not overtaken by those who want one of them.
func TestHostsInTheirOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHosts(1, 0)
		leaveA := h.enter(t.Context(), []string{"a"})
		var order []string
		var runs sync.WaitGroup
		for _, names := range [][]string{{"a", "b"}, {"b"}, {"c"}} {
			runs.Go(func() {
				leave := h.enter(t.Context(), names)
				order = append(order, fmt.Sprint(names))
				time.Sleep(time.Second)
				leave()
			})
			synctest.Wait()
		}
		leaveA()
		runs.Wait()
		if want := []string{"[c]", "[a b]", "[b]"}; !slices.Equal(order, want) {
			t.Errorf("%v, want %v", order, want)
		}
	})
}

// A run that is stopped while it waits takes no place with it.
func TestHostsInterrupted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHosts(1, time.Hour)
		leaveFirst := h.enter(t.Context(), []string{"a"})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			h.enter(ctx, []string{"a", "b"})()
		}()
		synctest.Wait()
		cancel()
		<-ended
		leaveFirst()
		h.enter(t.Context(), []string{"a", "b"})() // it would hang

		if _, err := h.login(t.Context(), somebody("a")); err != nil {
			t.Fatal(err)
		}
		limited, end := context.WithTimeout(t.Context(), time.Minute)
		defer end()
		_, err := h.login(limited, somebody("a"))
		var stopped *wire.ContextError
		if !errors.As(err, &stopped) {
			t.Errorf("%v", err)
		}
	})
}

func TestLoginsKeepTheirDistance(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const gap = 250 * time.Millisecond
		h := newHosts(9, gap)
		begin := time.Now()
		var times []time.Duration
		var mu sync.Mutex
		var logins sync.WaitGroup
		for i := range 8 {
			logins.Go(func() {
				ended, err := h.login(t.Context(), somebody([]string{"a", "b"}[i%2]))
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				times = append(times, time.Since(begin))
				mu.Unlock()
				ended(accepted)
			})
		}
		logins.Wait()
		slices.Sort(times)
		for i, at := range times {
			if want := time.Duration(i/2) * gap; at != want {
				t.Errorf("login %d after %v, want %v", i, at, want)
			}
		}
	})
}

// Five refusals in a row stop a host: not the sixth login is made, though many
// wait at once. A login that is let in begins the row anew, one that breaks does
// not.
func TestHostIsStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHosts(100, time.Millisecond)
		tell := func(name string, o outcome) {
			t.Helper()
			ended, err := h.login(t.Context(), somebody(name))
			if err != nil {
				t.Fatal(err)
			}
			ended(o)
		}
		for _, o := range []outcome{refused, refused, refused, refused, accepted, refused, none, refused} {
			tell("a", o)
		}
		var mu sync.Mutex
		made, held := 0, 0
		var runs sync.WaitGroup
		for range 20 {
			runs.Go(func() {
				ended, err := h.login(t.Context(), somebody("a"))
				mu.Lock()
				defer mu.Unlock()
				var fault *report.Fault
				switch {
				case errors.As(err, &fault) && fault.Cause == report.AuthLimitReached:
					held++
				case err != nil:
					t.Error(err)
				default:
					made++
					time.AfterFunc(time.Second, func() { ended(refused) })
				}
			})
		}
		runs.Wait()
		if made != 3 || held != 17 || !h.stopped("a") {
			t.Errorf("%d logins made, %d held back", made, held)
		}
		tell("b", accepted)
		// Nobody waits for a place there.
		for range 200 {
			h.enter(t.Context(), []string{"a"})
		}
	})
}

// Two refusals of an account are all that it has, however many rows it has, at
// whichever hosts, under whichever of its names, and however many log in at once.
// Others at the host, and whoever has the login name elsewhere, are let go on.
func TestAccountIsSpared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHosts(100, time.Millisecond)
		anna := applicant{names: []string{"anna@example.com", "anna"}, host: "imap", other: []string{"smtp"}}
		var mu sync.Mutex
		made, held := 0, 0
		var runs sync.WaitGroup
		for i := range 20 {
			runs.Go(func() {
				a := anna
				switch i % 4 {
				case 1:
					a = applicant{names: []string{"ANNA@example.com"}, host: "smtp", other: []string{"imap"}}
				case 2: // the address is all that they have in common
					a = applicant{names: []string{"anna@example.com", "an"}, host: "pop"}
				case 3:
					a = applicant{names: []string{"anna@example.com"}, host: "192.0.2.1"}
				}
				ended, err := h.login(t.Context(), a)
				mu.Lock()
				defer mu.Unlock()
				var fault *report.Fault
				switch {
				case errors.As(err, &fault) && fault.Cause == report.AuthLimitReached && errors.Is(err, report.ErrAccountSpared):
					held++
				case err != nil:
					t.Error(err)
				default:
					made++
					time.AfterFunc(time.Second, func() { ended(refused) })
				}
			})
		}
		runs.Wait()
		if made != 2 || held != 18 || !h.spared(anna) {
			t.Errorf("%d logins made, %d held back", made, held)
		}
		for _, a := range []applicant{
			{names: []string{"bert@example.com"}, host: "imap"},
			{names: []string{"anna@example.org", "anna"}, host: "elsewhere", other: []string{"smtp"}},
		} {
			ended, err := h.login(t.Context(), a)
			if err != nil {
				t.Fatal(err)
			}
			ended(accepted)
		}
		if h.stopped("imap") {
			t.Error("others are held back too")
		}
	})
}

// An account whose logins are taken is let go on and needs no memory; refusals
// after that count, under whichever address the name that was refused comes.
func TestAccountThatIsLetIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHosts(100, 0)
		anna := applicant{names: []string{"anna@example.com", "anna"}, host: "pop3"}
		for range 9 {
			ended, err := h.login(t.Context(), anna)
			if err != nil {
				t.Fatal(err)
			}
			ended(accepted)
		}
		if h.spared(anna) || len(h.accounts) != 0 {
			t.Errorf("%v", h.accounts)
		}
		h.refusedLater(anna)
		h.refusedLater(anna)
		for _, a := range []applicant{anna, {names: []string{"info@example.com", "anna"}, host: "pop3"}} {
			if _, err := h.login(t.Context(), a); !errors.Is(err, report.ErrAccountSpared) || h.stopped("pop3") {
				t.Error(err)
			}
		}
	})
}

// A batch that comes past many hosts does not remember them all.
func TestHostsAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHosts(1, time.Second)
		for i := range 1000 {
			name := fmt.Sprint(i)
			leave := h.enter(t.Context(), []string{name})
			ended, err := h.login(t.Context(), somebody(name))
			if err != nil {
				t.Fatal(err)
			}
			ended(accepted)
			leave()
			time.Sleep(time.Second)
		}
		if n := len(h.known); n > maxIdleHosts+1 {
			t.Errorf("%d hosts", n)
		}
	})
}
