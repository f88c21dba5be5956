package diagnose

import (
	"cmp"

	"mailcheck/report"
)

// inference is a rule that reads the checks together: what one of them shows
// tells what the failure of another means. The functions stand in infer_*.go.
type inference struct {
	name string
	// means gives a step that failed or warned the cause that it has in this
	// run; ok is false where the rule has nothing to say about it.
	means func(rd *reading, o occurrence) (d diagnosis, ok bool)
}

// inferences in the order in which they are asked; the first that applies to a
// step decides. A rule whose words differ from those of its cause has a
// variant of its name.
var inferences = []inference{
	// Logins, beside those of the other protocols.
	{"login-at-a-stranger", loginAtStranger},
	{"smtp-user-name-documented", documentedUserName},
	{"smtp-host-documented", documentedHost},
	{"switched-off-at-the-provider", protocolSwitchedOff},
	{"blocked-from-abroad", blockedFromAbroad},
	{"user-name-of-another-form", otherUserName},
	{"account-password", accountPassword},
	{"refused-from-abroad", refusedFromAbroad},
	{"no-login-before-encryption", noLoginBeforeEncryption},
	{"locked-after-misuse", lockedAfterMisuse},

	// What the way to the server shows.
	{"name-documented", documentedName},
	{"name-of-a-network", nameOfNetwork},
	{"starttls-stripped", startTLSStripped},
	{"private-address", privateAddress},
	{"mail-ports-silent", mailPortsSilent},
	{"mail-service-silent", mailServiceSilent},
	{"expired-lately", expiredLately},
	{"provider-named-by-certificate", providerOfCertificate},
	{"forged-certificate", forgedCertificate},
	{"not-the-real-server", notTheRealServer},
	{"stranger-answers", strangerAnswers},

	// Sending and arriving.
	{"refused-without-login", refusedWithoutLogin},
	{"own-mailbox-full", ownMailboxFull},
	{"other-recipient", otherRecipient},
	{"mx-is-forwarder", mxForwards},
	{"mx-elsewhere", mxElsewhere},
}

// infer asks the rules about every step that failed or warned. They are about
// the servers of mail programs.
func (rd *reading) infer() {
	for _, c := range rd.report.Checks {
		if c.ID == report.MXCheck {
			continue
		}
		for _, s := range c.Steps {
			if s.Result != report.Fail && s.Result != report.Warn {
				continue
			}
			for _, j := range inferences {
				d, ok := j.means(rd, occurrence{c, s})
				if !ok {
					continue
				}
				s.Rule, s.Cause, s.Confidence, s.Alternatives = j.name, d.cause, cmp.Or(d.confidence, s.Confidence), d.alternatives
				break
			}
		}
	}
}

// same keeps the cause of a step, for a rule that has only words of its own.
func same(s *report.Step) (diagnosis, bool) {
	return diagnosis{cause: s.Cause, confidence: s.Confidence, alternatives: s.Alternatives}, true
}

// byRule tells a step that an inference has decided.
func byRule(name string) func(setting, *report.Check, *report.Step) bool {
	return func(_ setting, _ *report.Check, step *report.Step) bool { return step.Rule == name }
}
