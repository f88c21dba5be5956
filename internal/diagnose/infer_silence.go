package diagnose

import (
	"slices"

	"mailcheck/internal/provider"
	"mailcheck/report"
)

// silent are the causes of a session in which nothing came back.
var silent = []report.Cause{report.ConnectTimeout, report.ConnectPortBlocked}

// mailPortsSilent: no port of any mail server of the account takes a
// connection, for receiving and for sending, as in a network that lets web
// pages through and nothing else. Servers that many people use are hardly all
// down at once.
func mailPortsSilent(rd *reading, o occurrence) (diagnosis, bool) {
	if !rd.allSilent(o, func(step string) bool { return step == "connect" }) {
		return diagnosis{}, false
	}
	for _, c := range rd.sessions() {
		if len(provider.ByHost(c.Endpoint.Host)) == 0 {
			return same(o.step)
		}
	}
	return likely(report.ConnectPortBlocked).or(report.ConnectTimeout, report.Medium), true
}

// mailServiceSilent: every mail server of the account takes the connection and
// then says nothing, as during an outage behind it.
func mailServiceSilent(rd *reading, o occurrence) (diagnosis, bool) {
	if !rd.allSilent(o, func(step string) bool { return step != "connect" }) {
		return diagnosis{}, false
	}
	return same(o.step)
}

// allSilent tells a session of a run in which all of them ended in silence, at
// steps of the same kind: one for receiving at least, and one for sending.
func (rd *reading) allSilent(o occurrence, at func(step string) bool) bool {
	if o.check.Protocol == "" || o.check.ID == report.ProbeCheck || o.step != o.check.FirstFailed() {
		return false
	}
	var receiving, sending bool
	for _, c := range rd.sessions() {
		step := c.FirstFailed()
		if step == nil || !slices.Contains(silent, step.Cause) || unfinished(step) || !at(step.Step) {
			return false
		}
		receiving = receiving || c.Protocol != report.SMTP
		sending = sending || c.Protocol == report.SMTP
	}
	return receiving && sending
}

// sessions are the checks of mail servers that were tried.
func (rd *reading) sessions() []*report.Check {
	var tried []*report.Check
	for _, c := range rd.report.Checks {
		if c.Protocol != "" && c.Endpoint != nil && ran(c) {
			tried = append(tried, c)
		}
	}
	return tried
}
