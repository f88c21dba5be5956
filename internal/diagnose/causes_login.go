package diagnose

import "mailcheck/report"

// loginCauses: passwords, tokens and logins.
var loginCauses = []entry{
	{report.AuthBadCredentials, Words{
		Title:       "the {protocol} server did not accept the {secret}",
		Explanation: "User name or {secret} are wrong, or the server wants another one than that of the web page. The connection itself is fine.",
		Advice: []string{
			"Log in on the provider's web page with the same user name and password. If that fails, set a new password there.",
			"Does the web login ask for a second step (a code, a phone)? Then make an app password there, and use that.",
			"Check the user name: {user} was used; some servers want {otheruser}.",
			"Store the right one (mailcheck creds set {address}), then run: mailcheck {address}",
		},
		AdminAdvice: []string{"Look in the log of {host} why the login of {user} was refused."},
	}},
	{report.AuthProtocolDisabled, Words{
		Title:       "{protocol} is switched off for this account",
		Explanation: "Many providers leave it off until it is switched on in the web settings.",
		Advice: []string{
			"Log in on the provider's web page, look in the settings for \"POP/IMAP\", \"SMTP\" or \"mail programs\", and switch {protocol} on.",
			"Wait some minutes, then run: mailcheck {address}",
		},
		AdminAdvice: []string{"Allow {protocol} for {user}."},
	}},
	{report.AuthBasicAuthDisabled, Words{
		Title:       "the provider takes no passwords from mail programs",
		Explanation: "It wants a sign-in with the web browser (OAuth 2.0) instead. An app password does not help.",
		Advice: []string{
			"Sign in: mailcheck login {address}",
			"In the mail program choose \"OAuth2\" or \"sign in with ...\" in place of a password.",
		},
	}},
	{report.AuthMechanismUnsupported, Words{
		Title:       "{host} does not know this way to log in",
		Explanation: "The server refused the login mechanism before it looked at the password.",
		Advice: []string{
			"Leave --auth out, so that mailcheck takes a mechanism that the server offers.",
			"In the mail program choose \"normal password\" over SSL/TLS.",
		},
		AdminAdvice: []string{"Offer only login mechanisms that work; for passwords that is PLAIN over TLS."},
	}},
	{report.AuthNotOffered, Words{
		Title:       "{host} offers no login that mailcheck can use",
		Explanation: "No password was sent. Either this port has no login at all, or only with mechanisms that were left out or that mailcheck does not have.",
		Advice: []string{
			"Use the port for mail programs: {tlsport} with SSL/TLS, or {startport} with STARTTLS. Port 25 is for servers.",
			"If --auth was given, leave it out.",
			"Check the server name with your provider's help page.",
		},
		AdminAdvice: []string{"Offer AUTH PLAIN after TLS on {server}."},
	}},
	{report.AuthEncryptionRequired, Words{
		Title:       "{host} allows a login only over an encrypted connection",
		Explanation: "The password was not judged.",
		Advice: []string{
			"Set encryption SSL/TLS with port {tlsport}, or STARTTLS with port {startport}.",
		},
	}},
	{report.AuthCleartextRefused, Words{
		Title:       "no password was sent, because the connection is not encrypted",
		Explanation: "Anybody on the way could have read it. The server was not asked.",
		Advice: []string{
			"Set encryption SSL/TLS with port {tlsport}, or STARTTLS with port {startport}.",
			"If it must be, on a network of your own: mailcheck --allow-cleartext",
		},
		AdminAdvice: []string{"Offer TLS on {host}."},
	}},
	{report.AuthLimitReached, Words{
		Title:       "no further login was tried",
		Explanation: "Two logins had been refused. Another might lock the account, so this one was not made; nothing is known about it.",
		Advice:      []string{"Put the first refused login right, then run: mailcheck {address}"},
	}},
	{report.AuthTokenExpired, Words{
		Title:       "the {protocol} server did not accept the sign-in",
		Explanation: "The access token has run out, was withdrawn, or is for another account or another service.",
		Advice: []string{
			"Sign in again: mailcheck login {address}",
			"Sign in as the owner of the mailbox ({user}), and allow reading and sending mail.",
			"If you give the token yourself, make a new one for {protocol}: it lives for about an hour.",
		},
		AdminAdvice: []string{"Look in the sign-in log of the organisation why the token was refused."},
	}},

	{report.AuthUsernameForm, Words{
		Title:       "{host} wants the user name in another form",
		Explanation: "The server did not know {user} with this password.",
		Advice: []string{
			"Set {otheruser} as the user name in the mail program.",
			"If that fails too, look on the provider's help page for the user name of mail programs.",
		},
		AdminAdvice: []string{"Let {host} take the whole address as the user name: mail programs try that first."},
	}},

	{report.CredsMissing, Words{
		Title:       "no password was found for {address}",
		Explanation: "Neither the flags nor the environment nor the keyring hold one, so no login was made. All that needs none was checked.",
		Advice: []string{
			"Store it once: mailcheck creds set {address}",
			"Or give it for one run: --password-stdin, --password-file FILE, --password-command COMMAND, or MAILCHECK_PASSWORD in the environment.",
			"Without a login: mailcheck --no-auth {address}",
		},
	}},
	{report.CredsKeyringLocked, Words{
		Title:       "the keyring is locked",
		Explanation: "The password may be in there, but the keyring was not opened, so no login was made. All that needs none was checked.",
		Advice: []string{
			"Unlock it: log in to the desktop, or open its program (Passwords and Keys, KWallet, Keychain Access).",
			"Or give the password for one run: --password-stdin, --password-file FILE, --password-command COMMAND, or MAILCHECK_PASSWORD in the environment.",
		},
	}},
	{report.CredsKeyringUnavailable, Words{
		Title:       "there is no keyring on this computer to ask",
		Explanation: "That is usual on servers, in containers and over SSH. No login was made; all that needs none was checked.",
		Advice: []string{
			"Give the password for one run: --password-stdin, --password-file FILE, --password-command COMMAND, or MAILCHECK_PASSWORD in the environment.",
			"On a desktop, start its keyring service (GNOME Keyring, KWallet) and log in again.",
		},
	}},
}
