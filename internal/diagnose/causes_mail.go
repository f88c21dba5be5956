package diagnose

import "mailcheck/report"

// mailCauses: mailbox, submission, delivery, the servers' own trouble, and
// what is left.
var mailCauses = []entry{
	{report.MailboxInUse, Words{
		Title:       "the mailbox is held by another program",
		Explanation: "The password is not the problem. The mailbox allows one program, or a small number of them, at a time.",
		Advice: []string{
			"Close other mail programs and phones that read this mailbox, wait ten minutes, then run mailcheck again.",
			"Let them look for mail less often, or use IMAP in place of POP3: it allows several at a time.",
		},
		AdminAdvice: []string{"Look for a hanging session or a left-over lock of {user}, and at the limit of connections a user."},
	}},

	{report.SubmitAuthRequired, Words{
		Title:       "{host} wants a login before it takes mail",
		Explanation: "The sender or the recipient was refused because nobody was logged in.",
		Advice: []string{
			"In the mail program switch on \"my outgoing server requires authentication\", with the user name and password for receiving.",
			"Use port {tlsport} with SSL/TLS, or {startport} with STARTTLS. Port 25 is for servers.",
		},
	}},
	{report.SubmitRelayDenied, Words{
		Title:       "{host} does not pass mail on to this recipient",
		Explanation: "It takes mail for strangers only from those it knows: the login is missing or has no right to send, or this server is for other addresses.",
		Advice: []string{
			"In the mail program switch on \"my outgoing server requires authentication\".",
			"Use the outgoing server of the provider of this address, with port {tlsport} or {startport}; not port 25, not that of your line.",
			"If you are logged in already, ask the provider whether the account may send.",
		},
		AdminAdvice: []string{"Allow relaying for logged-in users on {host} (Postfix: permit_sasl_authenticated before reject_unauth_destination)."},
	}},
	{report.SubmitSenderNotOwned, Words{
		Title:       "this login may not use this sender address",
		Explanation: "The login was accepted; the sender address does not belong to it.",
		Advice: []string{
			"Set the sender address to that of the account which logs in ({user}).",
			"Is it another address of yours? Add it as an alias or sender address in the provider's web settings.",
		},
		AdminAdvice: []string{"Give {user} the right to use the sender address, or correct the address."},
	}},
	{report.SubmitRecipientUnknown, Words{
		Title:       "the recipient does not exist",
		Explanation: "The server says that there is no such mailbox.",
		Advice: []string{
			"Check the recipient's address, letter by letter.",
			"If it is your own address, the account has been removed or renamed, or this server is not the one for your domain: ask the provider.",
		},
		AdminAdvice: []string{"See that the mailbox or alias exists on {host}, and that the domain is entered there as its own."},
	}},
	{report.SubmitMessageTooLarge, Words{
		Title:       "{host} finds the message too large",
		Explanation: "The test message has only a few thousand characters, so the limit of this account is far too low, or used up.",
		Advice:      []string{"Ask the provider for the size limit of the account."},
		AdminAdvice: []string{"Raise the message size limit on {host}, and check the free space of its queue."},
	}},
	{report.SubmitSpamPolicy, Words{
		Title:       "{host} refused the message as unwanted",
		Explanation: "The login worked; a filter for spam or a rule of the provider turned the message away.",
		Advice: []string{
			"Read the server's words: they often name the rule, or a page about it.",
			"Send a message to yourself on the provider's web page. If that fails too, the account is restricted: ask the provider.",
			"Switch any VPN off: the address of a VPN is often on a block list.",
		},
		AdminAdvice: []string{"Look in the filter's log of {host} which rule matched; mail from logged-in users should pass lighter ones."},
	}},

	{report.DeliveryNotArrived, Words{
		Title:       "the test message was taken for sending, but did not arrive in time",
		Explanation: "Sending and receiving work by themselves. The message may be delayed, filtered into another folder, or delivered elsewhere.",
		Advice: []string{
			"Look in Junk, Trash and all other folders, and in your filter rules, for the subject \"mailcheck test\".",
			"Wait longer: mailcheck --wait 10m {address}. Some servers hold mail back for minutes.",
			"Look in the inbox for a returned message that names the reason.",
			"Ask the provider, with the time and subject of the message.",
		},
		AdminAdvice: []string{
			"Follow the message by its Message-ID in the log of the sending server.",
			"See that the MX records of {domain} lead to the server that holds the mailbox.",
		},
	}},
	{report.DeliveryJunk, Words{
		Title:       "the test message arrived in the junk folder",
		Explanation: "Sending and receiving work, but the provider's filter takes the message for spam. Other people's filters may do the same with your mail.",
		Advice: []string{
			"Look in the junk folder from time to time, and mark good mail there as \"not junk\".",
			"Is the domain your own? Let it have SPF, DKIM and DMARC records.",
		},
		AdminAdvice: []string{"Set up SPF, DKIM and DMARC for {domain}, and look which rule of the filter matched."},
	}},
	{report.DeliveryNotAwaited, Words{
		Title:       "the arrival of the test message was not awaited",
		Explanation: "It went to another address, or there was no way to look into the mailbox.",
	}},
	{report.DeliveryNotCleaned, Words{
		Title:       "the test message could not be removed",
		Explanation: "It does no harm. Its subject begins with \"mailcheck test\".",
		Advice:      []string{"Delete it by hand in the folder that is named in this report."},
	}},
	{report.DeliveryAuthenticationFailed, Words{
		Title:       "the message failed a check of its sender",
		Explanation: "SPF, DKIM or DMARC failed on the message that arrived. Other providers may refuse mail of this address, or put it into the junk folder.",
		Advice: []string{
			"Send only by the outgoing server of the provider of your address.",
			"Is the domain your own? Tell whoever runs its DNS.",
		},
		AdminAdvice: []string{"Name the sending servers of {domain} in its SPF record, sign with DKIM, and see that both fit the sender's domain (DMARC)."},
	}},

	{report.ServerTemporarilyUnavailable, Words{
		Title:       "{host} is not available at the moment",
		Explanation: "The server says that it cannot serve now. Some servers say so, too, when they want nothing to do with the address of this line.",
		Advice: []string{
			"Change nothing. Try again in half an hour.",
			"If it lasts, look at the provider's status page, or try another network with any VPN off.",
		},
		AdminAdvice: []string{"Look at load, limits and block lists of {host}."},
	}},
	{report.ServerAuthBackendDown, Words{
		Title:       "{host} cannot check passwords at the moment",
		Explanation: "The password was neither accepted nor refused. The fault is the server's, or it makes this account or line wait after too many logins.",
		Advice: []string{
			"Change nothing, least of all the password. Try again in an hour.",
			"If it lasts, tell the provider.",
		},
		AdminAdvice: []string{"See that the service that checks passwords (LDAP, database, Dovecot auth) answers on {host}."},
	}},
	{report.ServerHostile, Words{
		Title:       "{host} broke a limit that mail servers keep",
		Explanation: "It sent an endless line, or far more data than the check can need. The session was ended.",
		Advice: []string{
			"Check server name and port: what answers at {server} may be no mail server.",
			"If they are right, tell the provider.",
		},
		AdminAdvice: []string{"Look in a transcript (mailcheck --transcript) at what {host} sends."},
	}},

	{report.ClientInterrupted, Words{
		Title:       "the run was stopped",
		Explanation: "What was learned until then is in this report.",
		Advice:      []string{"Run it again to its end: mailcheck {address}"},
	}},
	{report.ClientProtocol, Words{
		Title:       "{host} says that mailcheck broke the protocol",
		Explanation: "The server did not understand a command. Either it keeps to other rules, or this is a fault of mailcheck.",
		Advice:      []string{"Run mailcheck --transcript --redact {address}, and report what it shows to the makers of mailcheck."},
	}},
	{report.Unknown, Words{
		Title:       "mailcheck does not know what the answer means",
		Explanation: "What came back is shown word for word; no cause is guessed.",
		Advice: []string{
			"Read the words themselves: they often name the reason, or a page about it.",
			"Ask the provider, and quote them.",
		},
	}},
}
