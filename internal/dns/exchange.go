package dns

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	miekg "github.com/miekg/dns"

	"mailcheck/internal/crash"
	"mailcheck/internal/limit"
)

// reply is what a server answered, and whether its AD bit counts.
type reply struct {
	msg       *miekg.Msg
	server    string
	authentic bool
}

// question is what a server is asked.
type question struct {
	name  string
	qtype uint16
}

// outcome is what became of a question: a reply, or else why there is none.
type outcome struct {
	reply *reply
	err   *Error
	at    time.Time // when that was known
}

// ask puts questions, side by side, to one server after the other until one answers
// them; a server's "this name does not exist" is an answer. It returns the outcomes
// in the order of the questions.
//
// The first time they share a port. There are firewalls that let one answer pass
// for a port, so what stays unanswered is asked again from a port of its own.
func (c *Client) ask(ctx context.Context, questions ...question) []outcome {
	all := make([]outcome, len(questions))
	open := make([]int, len(questions)) // those that are still to be answered
	for i := range open {
		open[i] = i
	}
	for round := range rounds {
		for _, server := range c.servers {
			some := make([]question, len(open))
			for k, i := range open {
				some[k] = questions[i]
			}
			put := c.attempt
			if round > 0 {
				put = c.attemptEach
			}
			for k, o := range put(ctx, server, some) {
				before := all[open[k]].err
				if o.err == nil || ctx.Err() != nil || before == nil || weight[o.err.Kind] > weight[before.Kind] {
					all[open[k]] = o
				}
				all[open[k]].at = o.at // with what was said before, too
			}
			open = slices.DeleteFunc(open, func(i int) bool { return all[i].err == nil })
			if len(open) == 0 || ctx.Err() != nil {
				return all
			}
		}
		// The others said something, and would say it again.
		open = slices.DeleteFunc(open, func(i int) bool { return all[i].err.Kind != Timeout })
		if len(open) == 0 {
			break
		}
	}
	return all
}

// attemptEach is attempt with a port for each question.
func (c *Client) attemptEach(ctx context.Context, server string, questions []question) []outcome {
	out := make([]outcome, len(questions))
	crash.SideBySide(ctx, len(questions), func(i int) { out[i] = c.attempt(ctx, server, questions[i:i+1])[0] })
	return out
}

// attempt puts questions to one server, from one port.
func (c *Client) attempt(parent context.Context, server string, questions []question) []outcome {
	ctx, cancel := limit.With(parent, c.limit, context.DeadlineExceeded)
	defer cancel()
	queries := make([]*miekg.Msg, len(questions))
	for i, q := range questions {
		query := new(miekg.Msg).SetQuestion(miekg.Fqdn(q.name), q.qtype)
		for slices.ContainsFunc(queries[:i], func(q *miekg.Msg) bool { return q.Id == query.Id }) {
			query.Id = miekg.Id()
		}
		query.AuthenticatedData = true // asks for the AD bit, RFC 6840 section 5.7
		query.SetEdns0(udpSize, false)
		queries[i] = query
	}
	out := make([]outcome, len(questions))
	for i, a := range exchange(ctx, "udp", server, queries...) {
		a = insist(ctx, server, queries[i], a)
		name, qtype := questions[i].name, miekg.TypeToString[questions[i].qtype]
		out[i].at = a.at
		switch {
		case a.err != nil:
			out[i].err = failure(parent, name, qtype, server, a.err)
		case a.msg.Rcode != miekg.RcodeSuccess && a.msg.Rcode != miekg.RcodeNameError:
			out[i].err = &Error{Name: name, Type: qtype, Kind: Servfail,
				Rcode: rcode(a.msg), Server: server, Err: extendedError(a.msg)}
		default:
			out[i].reply = &reply{msg: a.msg, server: server, authentic: a.msg.AuthenticatedData && c.believes(a.from)}
		}
	}
	return out
}

// insist asks again where it has to be done in another way: without EDNS those
// that do not know it (RFC 6891 section 6.2.2), and over TCP when the answer was
// cut (RFC 7766 section 5).
func insist(ctx context.Context, server string, query *miekg.Msg, a answer) answer {
	if a.err == nil && a.msg.IsEdns0() == nil &&
		(a.msg.Rcode == miekg.RcodeFormatError || a.msg.Rcode == miekg.RcodeNotImplemented) {
		query.Extra = nil
		a = exchange(ctx, "udp", server, query)[0]
	}
	if a.err == nil && a.msg.Truncated {
		if a = exchange(ctx, "tcp", server, query)[0]; a.err != nil {
			a.err = fmt.Errorf("the answer needs TCP: %w", a.err)
		}
	}
	return a
}

// believes tells whether a server's AD bit counts: everyone between here and
// there could have set it (RFC 4035 section 4.9.3).
func (c *Client) believes(server netip.Addr) bool { return c.trustAD || server.IsLoopback() }

// errNotDNS is bytes that are no answer to the question.
var errNotDNS = errors.New("what came is no DNS answer")

// headerSize is how long the header of a message is (RFC 1035 section 4.1.1).
const headerSize = 12

// answer is what came for a query, when, and who it went to.
type answer struct {
	msg  *miekg.Msg
	err  error
	at   time.Time
	from netip.Addr
}

func (a answer) came() bool { return a.msg != nil || a.err != nil }

// exchange sends queries over one connection, with a port of its own, and waits
// for their answers, which it returns in the order of the queries. Their ids differ.
func exchange(ctx context.Context, network, server string, queries ...*miekg.Msg) []answer {
	all := make([]answer, len(queries))
	if err := converse(ctx, network, server, queries, all); err != nil {
		for i := range all {
			if !all[i].came() {
				all[i].err, all[i].at = err, time.Now()
			}
		}
	}
	return all
}

// converse is exchange. The error is that of the queries for which nothing came.
func converse(ctx context.Context, network, server string, queries []*miekg.Msg, all []answer) error {
	raw, err := connect(ctx, network, server)
	if err != nil {
		return err
	}
	defer raw.Close()
	above, deadline := limit.Of(ctx)
	if err := raw.SetDeadline(deadline); err != nil {
		return err
	}
	defer context.AfterFunc(above, func() { _ = raw.SetDeadline(time.Unix(1, 0)) })()
	var from netip.Addr
	if addr, err := netip.ParseAddrPort(raw.RemoteAddr().String()); err == nil {
		from = addr.Addr()
	}
	conn := &miekg.Conn{Conn: raw}
	for _, query := range queries {
		if err := conn.WriteMsg(query); err != nil {
			return err
		}
	}
	var room [udpSize]byte // an answer is understood before the next one comes
	short := 0             // packets that do not tell which query they are for
	for left := len(queries); left > 0; {
		if short == left { // those that are left have had theirs
			return errNotDNS
		}
		packet, err := receive(conn, network, room[:])
		if err != nil {
			return err
		}
		if len(packet) < headerSize {
			short++
			continue
		}
		id := binary.BigEndian.Uint16(packet)
		i := slices.IndexFunc(queries, func(q *miekg.Msg) bool { return q.Id == id })
		switch {
		case i < 0 && network == "udp":
			continue // a late answer to another question, or a forged one
		case i < 0:
			return errNotDNS
		case all[i].came():
			continue // the first counts
		}
		all[i] = understood(packet, queries[i])
		all[i].from, all[i].at = from, time.Now()
		left--
	}
	return nil
}

// receive returns the next message that comes, over UDP in the room that it is given.
func receive(conn *miekg.Conn, network string, room []byte) ([]byte, error) {
	if network == "udp" {
		n, err := conn.Read(room)
		return room[:n], err
	}
	packet, err := conn.ReadMsgHeader(nil)
	if errors.Is(err, miekg.ErrShortRead) {
		return nil, errNotDNS
	}
	return packet, err
}

// connect makes a connection to a server. Over UDP nothing is waited for.
func connect(ctx context.Context, network, server string) (net.Conn, error) {
	if addr, err := netip.ParseAddrPort(server); err == nil && network == "udp" {
		return net.DialUDP(network, nil, net.UDPAddrFromAddrPort(addr))
	}
	return new(net.Dialer).DialContext(ctx, network, server)
}

// understood reads what came for a query.
func understood(packet []byte, query *miekg.Msg) answer {
	msg := new(miekg.Msg)
	if err := msg.Unpack(packet); err != nil {
		return answer{err: fmt.Errorf("%w: %w", errNotDNS, err)}
	}
	if !answers(msg, query) {
		return answer{err: errNotDNS}
	}
	return answer{msg: msg}
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
