package diagnose

import (
	"net/netip"
	"slices"
	"strconv"

	"mailcheck/report"
)

// Shown is what the probes showed of a server that failed; the zero value says
// that none was made.
type Shown struct {
	// Works are other ports and encryptions of the same host that a mail
	// program can use, the best first.
	Works []report.Endpoint
	// Fails are those that do not answer as they should.
	Fails []report.Endpoint
	// Alike tells that all of those failed of the same cause as the check.
	Alike bool
	// Silent tells that from none of them, nor from the failed one, anything
	// came: no refusal either.
	Silent bool
	// Good and Bad are further addresses of the failed endpoint itself, by how
	// they answer.
	Good, Bad []string
}

// Probed reads what the probes of a report showed of a check that failed.
func Probed(r *report.Report, check *report.Check) Shown {
	var shown Shown
	probes := r.Check(report.ProbeCheck)
	failed := check.FirstFailed()
	if probes == nil || failed == nil || check.Endpoint == nil {
		return shown
	}
	// A blocked port is what silence was taken for in the end.
	shown.Silent = (failed.Cause == report.ConnectTimeout || failed.Cause == report.ConnectPortBlocked) && !unfinished(failed)
	shown.Alike = true
	for _, s := range probes.Steps {
		ep := report.Probed(s)
		good := s.Result == report.OK
		switch {
		case ep.Protocol != check.Protocol || s.Cause == report.ClientInterrupted:
			continue
		case ep.Host == check.Endpoint.Host && good && ep.Security != report.None:
			shown.Works = append(shown.Works, ep)
		case ep.Host == check.Endpoint.Host && !good:
			shown.Fails = append(shown.Fails, ep)
			shown.Silent = shown.Silent && s.Cause == report.ConnectTimeout
			shown.Alike = shown.Alike && s.Cause == failed.Cause
			continue
		case ep.Port == check.Endpoint.Port && ep.Security == check.Endpoint.Security && hasAddress(check, ep.Host):
			if good {
				shown.Good = append(shown.Good, ep.Host)
			} else {
				shown.Bad = append(shown.Bad, ep.Host)
			}
		}
		shown.Silent = false
	}
	shown.Silent, shown.Alike = shown.Silent && len(shown.Fails) > 0, shown.Alike && len(shown.Fails) > 0
	slices.SortStableFunc(shown.Works, func(a, b report.Endpoint) int { return rank(a.Security) - rank(b.Security) })
	return shown
}

// rank puts SSL/TLS before STARTTLS (RFC 8314 section 3).
func rank(s report.Security) int {
	return slices.Index([]report.Security{report.TLS, report.STARTTLS, report.None}, s)
}

func hasAddress(c *report.Check, ip string) bool {
	return slices.ContainsFunc(c.Addresses, func(a report.Address) bool { return a.IP == ip })
}

// badCertificate are the causes for which the certificate alone is to blame.
var badCertificate = []report.Cause{
	report.TLSExpired, report.TLSNotYetValid, report.TLSHostnameMismatch, report.TLSUnknownAuthority,
	report.TLSIncompleteChain, report.TLSBadCertificate, report.TLSWeak, report.TLSIntercepted,
}

// blockedCauses are what a port that is blocked on the way looks like: mostly
// silence, but some networks answer in the server's place.
var blockedCauses = []report.Cause{report.ConnectTimeout, report.ConnectUnreachable, report.ConnectClosedEarly}

// weighProbes names a blocked port, which looks like a dead server from one
// port alone: port 25 is silent while others of the same host answer (OP25B),
// or all ports for sending are while those for receiving answer there.
func (rd *reading) weighProbes() {
	for _, c := range rd.report.Checks {
		step := c.FirstFailed()
		if c.Protocol != report.SMTP || c.Endpoint == nil || step == nil || step.Step != "connect" || !slices.Contains(blockedCauses, step.Cause) {
			continue
		}
		shown := Probed(rd.report, c)
		if c.Endpoint.Port == 25 && len(shown.Works) > 0 || shown.Silent && rd.receivesAt(c.Endpoint.Host) {
			step.Alternatives = []report.Alternative{{Cause: step.Cause, Confidence: report.Medium}}
			step.Cause, step.Confidence = report.ConnectPortBlocked, report.Medium
		}
	}
}

// receivesAt tells whether a server for receiving answers; an empty host means
// at any.
func (s setting) receivesAt(host string) bool {
	return slices.ContainsFunc(s.report.Checks, func(c *report.Check) bool {
		return (c.Protocol == report.IMAP || c.Protocol == report.POP3) && c.Endpoint != nil && (host == "" || c.Endpoint.Host == host) &&
			c.Step("greeting") != nil && c.Step("greeting").Result == report.OK
	})
}

// shownBy are the probes that followed this very step.
func (s setting) shownBy(check *report.Check, step *report.Step) Shown {
	if s.report == nil || step != check.FirstFailed() {
		return Shown{}
	}
	return Probed(s.report, check)
}

// otherWays says what the probes showed, in sentences that go before the
// general explanation of the cause.
func (s setting) otherWays(check *report.Check, step *report.Step) string {
	shown := s.shownBy(check, step)
	host := ""
	if check.Endpoint != nil {
		host = check.Endpoint.Host
	}
	var said string
	switch {
	case len(shown.Good) > 0 && slices.Contains(badCertificate, step.Cause):
		said = s.Say("Other addresses of the server have a good certificate (%s), but not %s: one of its machines is at fault.",
			s.And(shown.Good, maxListed), check.Peer)
	case len(shown.Good) > 0 && is4(shown.Good[0]) && !is4(check.Peer):
		said = s.Say("Over IPv4 (%s) the server answers as it should, over IPv6 (%s) it does not.", shown.Good[0], check.Peer)
	case len(shown.Good) > 0:
		said = s.Say("Another address of the server (%s) answers as it should, this one (%s) does not.", shown.Good[0], check.Peer)
	case len(shown.Bad) > 0:
		said = s.Say("Tried at other addresses of the server, it is the same (%s).", s.And(shown.Bad, maxListed))
	}
	switch {
	case len(shown.Works) > 0 && shown.Works[0].Port == check.Endpoint.Port:
		said = s.Sentences(said, s.Say("Tried without a password, the same port works with %s.", s.encryption(shown.Works[0].Security)))
	case len(shown.Works) > 0:
		said = s.Sentences(said, s.Say("Tried without a password, port %d of %s works with %s.",
			shown.Works[0].Port, host, s.encryption(shown.Works[0].Security)))
	case shown.Silent && s.receivesAt(""):
		said = s.Sentences(said, s.Say("No other port of %s answers either (%s), while the server for receiving does.", host, s.portNumbers(shown.Fails)))
	case len(shown.Fails) > 0 && shown.Alike:
		said = s.Sentences(said, s.Say("It is the same on other ports of %s (%s).", host, s.portNumbers(shown.Fails)))
	case len(shown.Fails) > 0:
		said = s.Sentences(said, s.Say("Other ports of %s do not work either (%s).", host, s.portNumbers(shown.Fails)))
	}
	return said
}

// firstAdvice is what the probes showed to help; it goes before the general
// advice.
func (s setting) firstAdvice(check *report.Check, step *report.Step) []string {
	shown := s.shownBy(check, step)
	var advice []string
	switch {
	case len(shown.Good) > 0 && !slices.Contains(badCertificate, step.Cause) && is4(shown.Good[0]) && !is4(check.Peer):
		advice = append(advice, s.Say("Run mailcheck -4 %s. If all is well then, switch IPv6 off until the provider has repaired %s.",
			s.report.Address, check.Peer))
	case len(shown.Good) > 0:
		advice = append(advice, s.Say("Change nothing, and tell the provider that %s does not answer as %s does.", check.Peer, shown.Good[0]))
	}
	return append(advice, s.otherPort(check, step)...)
}

// otherPort advises the port that the probes found to work, if any.
func (s setting) otherPort(check *report.Check, step *report.Step) []string {
	shown := s.shownBy(check, step)
	if len(shown.Works) == 0 {
		return nil
	}
	to := shown.Works[0]
	if check.Protocol == report.SMTP {
		return []string{s.Say("Set the outgoing server: %s, port %d, encryption %s.", to.Host, to.Port, s.encryption(to.Security))}
	}
	return []string{s.Say("Set the incoming server: %s, port %d, encryption %s.", to.Host, to.Port, s.encryption(to.Security))}
}

// otherServers advises the ports and the servers that work in place of those
// that failed of the same cause as the root, whose own are at the head of the
// advice.
func (rd *reading) otherServers(root occurrence, advice []string) []string {
	at := len(rd.firstAdvice(root.check, root.step)) + len(rd.rightName(root))
	for _, o := range rd.rest() {
		if o.step.Result != report.Fail || o.step.Cause != root.step.Cause || rd.superseded(o.check) {
			continue
		}
		for _, a := range slices.Concat(rd.otherPort(o.check, o.step), rd.rightName(o)) {
			if !slices.Contains(advice, a) {
				advice = slices.Insert(advice, at, a)
				at++
			}
		}
	}
	return advice
}

// rightName advises the server whose name the certificate shows, if any.
func (rd *reading) rightName(o occurrence) []string {
	if o.step.Rule != "provider-named-by-certificate" || o.check.Protocol == "" {
		return nil
	}
	advice := rd.word(o.check, o.step).Advice[len(rd.firstAdvice(o.check, o.step)):]
	return advice[:min(1, len(advice))]
}

// settledBy is what the probes showed of the ports that advice names in
// general: that another one works, or those of the protocol that do not.
func (s setting) settledBy(check *report.Check, step *report.Step) (found bool, dead []report.Security) {
	if step.Cause == report.ConnectPortBlocked { // what is blocked here may work elsewhere
		return false, nil
	}
	shown := s.shownBy(check, step)
	if len(shown.Works) > 0 || len(shown.Fails) == 0 {
		return len(shown.Works) > 0, nil
	}
	usual := map[report.Security]string{report.TLS: ports[check.Protocol].tls, report.STARTTLS: ports[check.Protocol].starttls}
	for security, port := range usual {
		fails := func(e report.Endpoint) bool { return e.Security == security && strconv.Itoa(e.Port) == port }
		itself := strconv.Itoa(check.Endpoint.Port) == port && (step.Step == "connect" || check.Endpoint.Security == security)
		if itself || slices.ContainsFunc(shown.Fails, fails) {
			dead = append(dead, security)
		}
	}
	return false, dead
}

// portNumbers lists ports in ascending order.
func (s setting) portNumbers(endpoints []report.Endpoint) string {
	var numbers []int
	for _, e := range endpoints {
		numbers = append(numbers, e.Port)
	}
	slices.Sort(numbers)
	var names []string
	for _, n := range slices.Compact(numbers) {
		names = append(names, strconv.Itoa(n))
	}
	return s.And(names, maxListed)
}

func is4(ip string) bool {
	a, err := netip.ParseAddr(ip)
	return err == nil && a.Unmap().Is4()
}

// deadFamily tells a dead address family from dead machines.
func (s setting) deadFamily(check *report.Check) string {
	switch deadFamily(check) {
	case "IPv6":
		return s.Say("Only IPv6 fails; over IPv4 the server answers.")
	case "IPv4":
		return s.Say("Only IPv4 fails; over IPv6 the server answers.")
	}
	return ""
}

// onlyIPv6Dead tells a server of which all addresses of IPv6 are dead, and none
// of IPv4.
func onlyIPv6Dead(_ setting, check *report.Check, _ *report.Step) bool {
	return deadFamily(check) == "IPv6"
}

// deadFamily is the address family all of whose addresses are dead while all of
// the other's answer; empty where there is none.
func deadFamily(check *report.Check) string {
	var dead4, dead6, alive4, alive6 int
	for _, a := range check.Addresses {
		switch {
		case a.Result == report.Fail && is4(a.IP):
			dead4++
		case a.Result == report.Fail:
			dead6++
		case a.Result == report.OK && is4(a.IP):
			alive4++
		case a.Result == report.OK:
			alive6++
		}
	}
	switch {
	case dead6 > 0 && dead4 == 0 && alive6 == 0 && alive4 > 0:
		return "IPv6"
	case dead4 > 0 && dead6 == 0 && alive4 == 0 && alive6 > 0:
		return "IPv4"
	}
	return ""
}
