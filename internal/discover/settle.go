package discover

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"mailcheck/internal/dns"
	"mailcheck/report"
)

// settle picks the endpoints of each protocol. Sources beyond the needed ones may have
// answered in time or not, so nothing hangs on what they say; and where flags
// name a protocol, or a better source than guessing does, others do not.
func settle(q Query, asked []source, answers []answer, needed int) *Settings {
	s := &Settings{Candidates: map[report.Protocol][]report.Endpoint{}, Missing: map[report.Protocol]Missing{}}
	for i, a := range answers {
		for _, e := range a.endpoints {
			if !slices.Contains(q.Wanted, e.Protocol) {
				continue
			}
			if e.Security == report.None && e.Source != "flags" {
				s.Endpoints = append(s.Endpoints, e) // never used unasked
				continue
			}
			before := s.Candidates[e.Protocol]
			_, declined := s.Missing[e.Protocol]
			alone := len(before) > 0 && before[0].Source != e.Source && (before[0].Source == "flags" || e.Source == "guess")
			if !declined && !alone && i < needed {
				e.Chosen = len(before) == 0
				s.Candidates[e.Protocol] = with(before, e)
			}
			s.Endpoints = append(s.Endpoints, e)
		}
		for _, p := range a.declined {
			if len(s.Candidates[p]) == 0 && slices.Contains(q.Wanted, p) {
				m := Missing{Step: "settings." + asked[i].name, Cause: report.SettingsNotOffered, why: a.why}
				if a.ended {
					m.Cause = report.SettingsServiceEnded
				}
				s.Missing[p] = m
			}
		}
	}
	for _, p := range q.Wanted {
		if _, declined := s.Missing[p]; len(s.Candidates[p]) == 0 && !declined {
			s.Missing[p] = Missing{Step: "settings." + asked[len(asked)-1].name, Cause: report.SettingsNotFound}
		}
	}
	return s
}

// with adds an endpoint to the candidates. One that is among them with another
// user name, by the same source, names the name to try next.
func with(candidates []report.Endpoint, e report.Endpoint) []report.Endpoint {
	i := slices.IndexFunc(candidates, e.SameServer)
	if i < 0 {
		return append(candidates, e)
	}
	if c := &candidates[i]; c.Source == e.Source && c.Username != e.Username && c.OtherUsername == "" {
		c.OtherUsername = e.Username
	}
	return candidates
}

// forgive takes the warning off an ISPDB that could not be reached: where
// nothing is missing, a stranger's host is no matter of this account.
func (s *Settings) forgive(rec *report.Recorder) {
	step := rec.Check().Step("ispdb")
	if rec.Check().Result == report.Fail || step == nil || step.Result != report.Warn {
		return
	}
	var name *dns.Error
	var host *unreachableError
	if errors.As(step.Err, &name) || errors.As(step.Err, &host) || errors.Is(step.Err, context.DeadlineExceeded) {
		rec.Amend(step, func(step *report.Step) {
			*step = report.Step{ID: step.ID, Step: step.Step, Result: report.OK, StartMS: step.StartMS,
				Duration: step.Duration, DurationMS: step.DurationMS, Detail: "could not be asked: " + step.Detail}
		})
	}
}

// judge fails the steps behind what is missing and needed: SMTP, and IMAP and
// POP3 when every one of them that is wanted is missing.
func (s *Settings) judge(rec *report.Recorder, wanted []report.Protocol) {
	missing := func(p report.Protocol) bool { _, m := s.Missing[p]; return m }
	receiving := slices.DeleteFunc(slices.Clone(wanted), func(p report.Protocol) bool { return p == report.SMTP })
	noWay := len(receiving) > 0 && !slices.ContainsFunc(receiving, func(p report.Protocol) bool { return !missing(p) })
	for _, p := range wanted {
		m, ok := s.Missing[p]
		if !ok || p != report.SMTP && !noWay {
			continue
		}
		step := rec.Check().Step(strings.TrimPrefix(m.Step, "settings."))
		if step.Result == report.Fail || step.Because != "" {
			continue // the first protocol has said it, or the domain is missing
		}
		text := fmt.Sprintf("no source names a server for %s", p.Label())
		switch {
		case m.Cause == report.SettingsServiceEnded:
			text = m.why
		case m.Cause == report.SettingsNotOffered:
			text = fmt.Sprintf("the domain says that it does not offer %s", p.Label())
			if m.why != "" {
				text += ": " + m.why
			}
		}
		rec.Amend(step, func(step *report.Step) {
			step.Result, step.Err = report.Fail, &report.Fault{Cause: m.Cause, Text: text}
			step.Cause, step.Detail = m.Cause, text
		})
	}
}
