package diagnose

import (
	"mailcheck/internal/lang"
	"mailcheck/report"
)

// questions tell a cause from those that the same words may mean.
var questions = map[report.Cause]lang.Text{
	report.AuthBadCredentials:       "Does the same user name and password work on the web page?",
	report.AuthAppPasswordRequired:  "Does the web page ask for a second step (a code, a phone)? Then mail programs need an app password.",
	report.AuthBasicAuthDisabled:    "Is it a company or school address? Then its administrator decides whether passwords work.",
	report.AuthProtocolDisabled:     "Was IMAP, POP3 or SMTP ever switched on in the web settings?",
	report.AuthUsernameForm:         "Is the user name the whole address, as the provider writes it?",
	report.AuthTokenExpired:         "Does the program show OAuth2 or \"Sign in with ...\"? Then remove the account there and add it again.",
	report.AuthSMTPAuthDisabled:     "Does receiving work with the same sign-in? Then ask the administrator about SMTP AUTH.",
	report.AuthRateLimited:          "Does it work again after an hour without any try?",
	report.AuthAccountLocked:        "Does the web page still let you in?",
	report.AuthWebLoginRequired:     "Does the web page show a warning about a sign-in?",
	report.AuthBlockedByPolicy:      "Does it work from another place or another device?",
	report.AuthEncryptionRequired:   "Is the encryption in the program set to \"none\"?",
	report.AuthNotOffered:           "Is it port 25? Mail programs send over 465 or 587.",
	report.AuthMechanismUnsupported: "Is the login method in the program something else than \"normal password\"? Set that, with SSL/TLS.",
	report.MailboxPermissionDenied:  "Is it a shared mailbox, or one of another person?",
	report.MailboxInUse:             "Is another program or device fetching mail at this moment?",
	report.OAuthAppNotAllowed:       "Did the administrator allow this program?",

	report.ConnectTimeout:     "Is the server name right, and does it answer from another network?",
	report.ConnectPortBlocked: "Is it port 25, or does it work from another network (a phone)?",
	report.ConnectRefused:     "Is the port right, and does the server run?",
	report.ConnectUnreachable: "Do web pages open on this device?",
	report.ConnectClosedEarly: "Does it happen at every try, or only now and then?",
	report.ConfigWrongHost:    "Does the provider's help page name this very server?",
	report.ConfigBadAddress:   "Is there a typing error in the address or the server name?",
	report.DNSNXDomain:        "Is there a typing error in the name?",
	report.DNSNoRecords:       "Is it the name of a mail server, and not of a web page?",
	report.DNSNullMX:          "Does the domain say that it takes no mail?",
	report.DNSServfail:        "Does it work again after some minutes?",
	report.DNSTimeout:         "Do web pages open on this device?",

	report.TLSPlaintextPort:    "Do port and encryption fit? SSL/TLS: 465, 993, 995. STARTTLS: 587, 143, 110.",
	report.TLSUnknownAuthority: "Did the company or an antivirus program put its own certificate there?",
	report.TLSIncompleteChain:  "Do browsers trust the same server?",
	report.TLSIntercepted:      "Does an antivirus program or a proxy read the connection?",
	report.TLSHostnameMismatch: "Is the server name the one that the provider documents?",
	report.TLSExpired:          "Is the clock of this device right?",
	report.TLSNotYetValid:      "Is the clock of this device right?",
	report.TLSOldVersion:       "Is the program or the server more than ten years old?",

	report.GreetingRejectedIP:         "Is the mail sent without a login, or from a rented server?",
	report.GreetingTooManyConnections: "Are several programs or devices connected at once?",
	report.SubmitAuthRequired:         "Is \"my outgoing server requires authentication\" switched on?",
	report.SubmitRelayDenied:          "Is \"my outgoing server requires authentication\" switched on?",
	report.SubmitSenderNotOwned:       "Is the From address the one that you log in with?",
	report.SubmitSenderAuthFailed:     "Is it sent through the provider of the From address?",
	report.SubmitSenderDomainInvalid:  "Is there a typing error in the From address?",
	report.SubmitRecipientUnknown:     "Is there a typing error in the recipient's address?",
	report.SubmitRecipientDisabled:    "Does the recipient get mail from others?",
	report.SubmitRecipientQuota:       "Does the recipient get mail from others?",
	report.SubmitSpamPolicy:           "Does a message of one plain line, without links, go through?",
	report.SubmitRateLimited:          "Were many messages sent in a short time?",
	report.SubmitGreylisted:           "Does it go through after 15 minutes?",
	report.SubmitRDNSRejected:         "Is the mail sent from a server of your own?",
	report.SubmitHELORejected:         "Does the sending program call itself by a short name, or \"localhost\"?",
	report.SubmitMessageTooLarge:      "Does the message have a large attachment?",

	report.ServerTemporarilyUnavailable: "Does it work again after some minutes?",
	report.ServerAuthBackendDown:        "Does the web page let you in, and does it work again after some minutes?",
	report.ServerInternalError:          "Do others at the same provider have the same trouble?",
	report.ClientProtocol:               "Does the password have a quote, a backslash or a space in it?",
}

// ask is the question about a cause; empty when there is none.
func ask(cause report.Cause, in lang.Tag) string {
	if q, ok := questions[cause]; ok {
		return in.Say(q)
	}
	return ""
}
