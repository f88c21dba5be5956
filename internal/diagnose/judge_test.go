package diagnose

import (
	"testing"

	"mailcheck/report"
)

// What decides where a text has several things to go by, and how sure that is.
func TestJudge(t *testing.T) {
	for _, tt := range []struct {
		name, protocol, step, text string
		cause                      report.Cause
		sure                       report.Confidence
	}{
		{"a reason goes before the words around it", "smtp", "rcpt",
			"450 4.2.2 <anna@example.org>: Recipient address rejected: Mailbox full", report.SubmitRecipientQuota, report.High},
		{"a sign goes before longer words", "smtp", "greeting",
			"554 Connection refused. This IP has a poor reputation. IB103", report.GreetingRejectedIP, report.High},
		{"a sign that stands at the status", "smtp", "mail",
			"421HL:REP", report.GreetingRejectedIP, report.High},
		{"two reasons are not certain", "smtp", "rcpt",
			"550 User unknown or relaying denied", report.SubmitRecipientUnknown, report.Medium},
		{"one reason is", "smtp", "rcpt",
			"550 5.1.1 User unknown", report.SubmitRecipientUnknown, report.High},
		{"one short word is not certain", "smtp", "data",
			"550 junk", report.SubmitSpamPolicy, report.Medium},
		{"an enhanced code speaks against the words", "smtp", "rcpt",
			"552 5.2.2 Insufficient system storage", report.ServerInternalError, report.Medium},
		{"the status is no word of the text", "imap", "auth",
			"a NO Mailbox access denied: wrong credentials", report.AuthBadCredentials, report.Medium},
		{"a reply is no trouble of the network", "smtp", "greeting",
			"451 Service temporarily refused connection because the server is too busy", report.ServerTemporarilyUnavailable, report.Medium},
		{"the step alone is a guess", "smtp", "auth", "xyzzy", report.AuthBadCredentials, report.Low},
		{"a short word of a text from nowhere is a guess", "", "", "The weather in this town is nice today", report.SubmitDailyLimit, report.Low},
		{"no guess without a step", "smtp", "", "xyzzy", report.Unknown, report.Low},
		{"a guess gives way to a code", "smtp", "mail", "500 xyzzy", report.ClientProtocol, report.Low},
		{"no account is locked in a greeting", "smtp", "greeting", "421 4.3.2 Service not active", report.ServerTemporarilyUnavailable, report.Medium},
		{"no recipient is full at the login", "smtp", "auth", "535 Login failed, mailbox full", report.AuthBadCredentials, report.Medium},
		{"words are known in all their spellings", "smtp", "rcpt",
			"550 Sorry, this e-mail address isn't known here", report.SubmitRecipientUnknown, report.High},
		{"and without their accents", "smtp", "data",
			"552 Die Nachricht ueberschreitet 20 MB", report.SubmitMessageTooLarge, report.Medium},
		{"and in other languages", "smtp", "rcpt",
			"550 5.1.1 Uzivatel neexistuje", report.SubmitRecipientUnknown, report.High},
		{"a domain that is unknown at MAIL is the sender's", "smtp", "mail",
			"550 Unknown domain example.con", report.SubmitSenderDomainInvalid, report.Medium},
		{"what Postfix adds is no word of the reply", "smtp", "data",
			"mail size limit exceeded (in reply to end of DATA command)", report.SubmitMessageTooLarge, report.Medium},
		{"a known sentence goes before longer notions of the same cause", "tls", "tls",
			"certificate verify failed: certificate has expired", report.TLSExpired, report.High},
		{"notions go before vague words", "tls", "tls",
			"handshake failed: Sunucu sertifikası henüz geçerli değil", report.TLSNotYetValid, report.Medium},
		{"nobody logs in while a name is looked up", "dns", "dns",
			"getaddrinfo: connection refused by the name server", report.DNSTimeout, report.Medium},
		{"an upgrade needs no encryption first", "imap", "starttls",
			"TLS required, but server does not support it", report.TLSStartTLSNotOffered, report.Low},
		{"HTTP is no SMTP", "", "", "Error 500 accessing https://autodiscover.example.com/autodiscover/autodiscover.xml",
			report.AutoconfigBadRequest, report.Medium},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := Explain(Question{Text: tt.text, Protocol: tt.protocol, Step: tt.step})
			if a.Cause != tt.cause || a.Confidence != tt.sure {
				t.Errorf("got %s (%s) by %s, want %s (%s)", a.Cause, a.Confidence, ruleOf(a), tt.cause, tt.sure)
			}
		})
	}
}

// Other causes than those that the protocol can have are not named.
func TestAlternativesFitTheProtocol(t *testing.T) {
	a := Explain(Question{Text: "NO Server unavailable", Protocol: "imap", Step: "mailbox"})
	if len(a.Alternatives) == 0 {
		t.Fatal("no alternatives")
	}
	for _, other := range a.Alternatives {
		if family(other.Cause) == "submit" {
			t.Errorf("%s of an IMAP server", other.Cause)
		}
	}
}

// Words that a code confirms stand alone; any others are named with what is
// near to them.
func TestNear(t *testing.T) {
	for text, want := range map[string]report.Cause{
		"550 5.7.1 The message was classified as spam": report.SubmitSenderAuthFailed,
		"454 4.7.0 Temporary authentication failure":   "",
	} {
		step := "data"
		if want == "" {
			step = "auth"
		}
		a := Explain(Question{Text: text, Protocol: "smtp", Step: step})
		var first report.Cause
		if len(a.Alternatives) > 0 {
			first = a.Alternatives[0].Cause
		}
		if first != want || a.Confidence != report.High {
			t.Errorf("%s: %s (%s), near to it %q, want %q", text, a.Cause, a.Confidence, first, want)
		}
	}
}
