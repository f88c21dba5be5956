package dns

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	miekg "github.com/miekg/dns"
)

// reply is what a server answered, and whether its AD bit counts.
type reply struct {
	msg       *miekg.Msg
	server    string
	authentic bool
}

// ask puts a question to one server after the other until one answers it; a
// server's "this name does not exist" is an answer. The error is an *Error.
func (c *Client) ask(ctx context.Context, name string, qtype uint16) (*reply, error) {
	var worst *Error
	for range rounds {
		for _, server := range c.servers {
			r, err := c.attempt(ctx, server, name, qtype)
			if err == nil {
				return r, nil
			}
			if ctx.Err() != nil {
				return nil, err
			}
			if worst == nil || weight[err.Kind] > weight[worst.Kind] {
				worst = err
			}
		}
		if worst.Kind != Timeout {
			break // the others said something, and would say it again
		}
	}
	return nil, worst
}

// attempt puts a question to one server: over UDP, then without EDNS to those
// that do not know it (RFC 6891 section 6.2.2), and over TCP when the answer
// was cut (RFC 7766 section 5).
func (c *Client) attempt(parent context.Context, server, name string, qtype uint16) (*reply, *Error) {
	ctx, cancel := context.WithTimeout(parent, c.limit)
	defer cancel()
	query := new(miekg.Msg).SetQuestion(miekg.Fqdn(name), qtype)
	query.AuthenticatedData = true // asks for the AD bit, RFC 6840 section 5.7
	query.SetEdns0(udpSize, false)

	fail := func(err error) (*reply, *Error) {
		return nil, failure(parent, name, miekg.TypeToString[qtype], server, err)
	}
	msg, from, err := exchange(ctx, "udp", server, query)
	if err == nil && msg.IsEdns0() == nil &&
		(msg.Rcode == miekg.RcodeFormatError || msg.Rcode == miekg.RcodeNotImplemented) {
		query.Extra = nil
		msg, from, err = exchange(ctx, "udp", server, query)
	}
	if err == nil && msg.Truncated {
		if msg, from, err = exchange(ctx, "tcp", server, query); err != nil {
			err = fmt.Errorf("the answer needs TCP: %w", err)
		}
	}
	if err != nil {
		return fail(err)
	}
	if msg.Rcode != miekg.RcodeSuccess && msg.Rcode != miekg.RcodeNameError {
		return nil, &Error{Name: name, Type: miekg.TypeToString[qtype], Kind: Servfail,
			Rcode: rcode(msg), Server: server, Err: extendedError(msg)}
	}
	return &reply{msg: msg, server: server, authentic: msg.AuthenticatedData && c.believes(from)}, nil
}

// believes tells whether a server's AD bit counts: everyone between here and
// there could have set it (RFC 4035 section 4.9.3).
func (c *Client) believes(server netip.Addr) bool { return c.trustAD || server.IsLoopback() }

// errNotDNS is bytes that are no answer to the question.
var errNotDNS = errors.New("what came is no DNS answer")

// exchange sends a query and waits for its answer; from is who it went to.
func exchange(ctx context.Context, network, server string, query *miekg.Msg) (msg *miekg.Msg, from netip.Addr, err error) {
	raw, err := new(net.Dialer).DialContext(ctx, network, server)
	if err != nil {
		return nil, from, err
	}
	defer raw.Close()
	stop := context.AfterFunc(ctx, func() { _ = raw.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if addr, err := netip.ParseAddrPort(raw.RemoteAddr().String()); err == nil {
		from = addr.Addr()
	}
	conn := &miekg.Conn{Conn: raw, UDPSize: udpSize}
	if err := conn.WriteMsg(query); err != nil {
		return nil, from, err
	}
	for {
		var header miekg.Header
		packet, err := conn.ReadMsgHeader(&header)
		if errors.Is(err, miekg.ErrShortRead) {
			return nil, from, errNotDNS
		}
		if err != nil {
			return nil, from, err
		}
		if header.Id != query.Id && network == "udp" {
			continue // a late answer to another question, or a forged one
		}
		msg := new(miekg.Msg)
		if err := msg.Unpack(packet); err != nil {
			return nil, from, fmt.Errorf("%w: %w", errNotDNS, err)
		}
		if !answers(msg, query) {
			return nil, from, errNotDNS
		}
		return msg, from, nil
	}
}

// answers tells whether a message is an answer to the query. Servers that give
// up on a query may leave the question out.
func answers(msg, query *miekg.Msg) bool {
	if msg.Id != query.Id || !msg.Response || len(msg.Question) > 1 {
		return false
	}
	if len(msg.Question) == 0 {
		return msg.Rcode != miekg.RcodeSuccess && msg.Rcode != miekg.RcodeNameError
	}
	got, want := msg.Question[0], query.Question[0]
	return got.Qtype == want.Qtype && got.Qclass == want.Qclass && strings.EqualFold(got.Name, want.Name)
}
