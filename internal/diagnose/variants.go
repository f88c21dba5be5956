package diagnose

import "mailcheck/report"

// variant is the words for a cause where something else is known beside it.
type variant struct {
	applies func(setting, *report.Check, *report.Step) bool
	entry
}

// variants take the place of the words of the causes tables; the first that
// applies does.
var variants = []variant{
	{
		// Another protocol of the account took the very secret.
		func(s setting, c *report.Check, step *report.Step) bool {
			return refused(step) && len(s.agreeing(c, step)) > 0
		},
		entry{report.AuthBadCredentials, Words{
			Title:       "the {protocol} server did not accept the {secret}",
			Explanation: "So {protocol} is probably switched off for this account, or it wants the user name in another form, or a password of its own.",
			Advice: []string{
				"Log in on the provider's web page, look in the settings for \"POP/IMAP\", \"SMTP\" or \"mail programs\", and switch {protocol} on. Wait some minutes, then run: mailcheck {address}",
				"See there whether {protocol} needs a password of its own (an app password, a mail password).",
				"Try {otheruser} as the user name in place of {user}, with the flag {userflag}.",
			},
			AdminAdvice: []string{"Allow {protocol} for {user} (for sending: SMTP AUTH), and look in the log of {host} why the login was refused."},
		}},
	},
	{
		// The second user name that was tried is the right one.
		func(s setting, c *report.Check, step *report.Step) bool {
			last := c.LastLogin()
			return step.Cause == report.AuthUsernameForm && last != step && last != nil && accepted(last)
		},
		entry{report.AuthUsernameForm, Words{
			Title:       "the user name for {protocol} is {user}",
			Explanation: "{host} refused the {secret} with {otheruser}, and took the same with {user}.",
			Advice:      []string{"Set {user} as the user name in the mail program, for receiving and for sending."},
		}},
	},
	{
		// The user allowed a login without encryption.
		func(_ setting, _ *report.Check, step *report.Step) bool {
			return step.Cause == report.AuthCleartextRefused && step.Result == report.Warn
		},
		entry{report.AuthCleartextRefused, Words{
			Title:       "the login crossed an unencrypted connection",
			Explanation: "It was allowed with --allow-cleartext. Anybody on the way can have seen it.",
			Advice: []string{
				"Set encryption SSL/TLS with port {tlsport}, or STARTTLS with port {startport}.",
				"Was it a network that others use? Then change the password.",
			},
			AdminAdvice: []string{"Offer TLS on {host}."},
		}},
	},
	{
		// Mail goes to the address of the domain itself (RFC 5321 section 5.1).
		func(_ setting, c *report.Check, step *report.Step) bool {
			return step.Cause == report.DNSNoRecords && step.Result == report.Warn && step.Err == nil && step.ID == "dns.mx"
		},
		entry{report.DNSNoRecords, Words{
			Title:       "{domain} has no MX record",
			Explanation: "Mail then goes to the address of the domain itself (RFC 5321 section 5.1). That works, but some senders do not try it.",
			Advice:      []string{"Is the domain your own? Let its DNS name the mail server in an MX record."},
			AdminAdvice: []string{"Enter an MX record for {domain}."},
		}},
	},
}

// wordsOf are the words for a step's cause, placeholders and all.
func (s setting) wordsOf(check *report.Check, step *report.Step) Words {
	for _, v := range variants {
		if v.applies(s, check, step) {
			return v.en
		}
	}
	return Lookup(step.Cause)
}
