package discover

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"mailcheck/internal/crash"
	"mailcheck/report"
)

// guessConnect bounds one connection of a guess. A server that is there
// answers within a second; filters that drop packets must not use up the
// deadline of the whole discovery.
const guessConnect = 3 * time.Second

// guesses are the usual names and ports, the best first; a name ends in the
// address's domain.
var guesses = map[report.Protocol]struct {
	prefixes []string
	ports    []port
}{
	report.IMAP: {[]string{"imap.", "mail.", ""}, []port{{993, report.TLS}, {143, report.STARTTLS}}},
	report.POP3: {[]string{"pop.", "pop3.", "mail.", ""}, []port{{995, report.TLS}, {110, report.STARTTLS}}},
	report.SMTP: {[]string{"smtp.", "mail.", ""}, []port{{465, report.TLS}, {587, report.STARTTLS}}},
}

type port struct {
	number   int
	security report.Security
}

// askGuess tries the usual names by connecting, without a word being said.
func askGuess(ctx context.Context, q Query) (answer, error) {
	if q.DomainMissing != nil && q.DomainMissing(ctx) {
		return answer{}, errNoDomain
	}
	var tries []*try
	for _, p := range q.Wanted {
		for _, prefix := range guesses[p].prefixes {
			for _, port := range guesses[p].ports {
				tries = append(tries, &try{endpoint: report.Endpoint{
					Protocol: p, Host: prefix + q.Account.Domain, Port: port.number, Security: port.security,
				}})
			}
		}
	}
	hosts := &hosts{resolver: q.Resolver, known: map[string]*host{}}
	var wg sync.WaitGroup
	for _, t := range tries {
		wg.Go(crash.Guard(ctx, func() { t.open = hosts.listens(ctx, t.endpoint, q.Dial) }))
	}
	wg.Wait()
	a := answer{}
	for _, t := range tries {
		if t.open {
			a.endpoints = append(a.endpoints, t.endpoint)
		}
	}
	if len(a.endpoints) == 0 && q.NoDNS != nil && q.NoDNS(ctx) {
		return answer{}, errNoDomain
	}
	if a.detail = describe(a.endpoints); a.detail == "" {
		a.detail = fmt.Sprintf("none of the usual names under %s listens", q.Account.Domain)
	}
	// What listens was found, though others gave no answer in time.
	if err := ctx.Err(); err != nil && (len(a.endpoints) == 0 || !errors.Is(err, context.DeadlineExceeded)) {
		return answer{}, err
	}
	return a, nil
}

type try struct {
	endpoint report.Endpoint
	open     bool
}

// hosts looks each name up once.
type hosts struct {
	resolver Resolver
	mu       sync.Mutex
	known    map[string]*host
}

type host struct {
	once  sync.Once
	addrs []netip.Addr
}

func (h *hosts) addresses(ctx context.Context, name string) []netip.Addr {
	h.mu.Lock()
	e := h.known[name]
	if e == nil {
		e = &host{}
		h.known[name] = e
	}
	h.mu.Unlock()
	e.once.Do(func() {
		if found, err := h.resolver.Host(ctx, name); err == nil {
			e.addrs = found.Addrs
		}
	})
	return e.addrs
}

// listens tells whether some address of the endpoint takes a connection.
func (h *hosts) listens(ctx context.Context, e report.Endpoint, dial func(context.Context, string, string) (net.Conn, error)) bool {
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	ctx, cancel := context.WithTimeout(ctx, guessConnect)
	defer cancel()
	for _, addr := range h.addresses(ctx, e.Host) {
		if conn, err := dial(ctx, "tcp", net.JoinHostPort(addr.String(), strconv.Itoa(e.Port))); err == nil {
			_ = conn.Close()
			return true
		}
	}
	return false
}
