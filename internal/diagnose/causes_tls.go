package diagnose

import "mailcheck/report"

// tlsCauses: encryption and certificates.
var tlsCauses = []entry{
	{report.TLSExpired, Words{
		Title:       "the certificate of {host} has expired",
		Explanation: "Mail programs refuse it or warn about it.",
		Advice: []string{
			"Check the date of this computer. If it is right, the fault is the server's.",
			"Tell the provider that the certificate of {server} has expired, and wait. Do not switch the check of certificates off.",
		},
		AdminAdvice: []string{"Renew the certificate, let every mail service on {host} load it again, and see why the renewal did not run."},
	}},
	{report.TLSNotYetValid, Words{
		Title:       "the certificate of {host} is not valid yet",
		Explanation: "Mostly this means that the clock of this computer is wrong.",
		Advice: []string{
			"Set date, time and time zone of this computer, then run mailcheck again.",
			"If they are right, tell the provider.",
		},
		AdminAdvice: []string{"Check the clock of the machine that issued the certificate of {host}."},
	}},
	{report.TLSHostnameMismatch, Words{
		Title:       "the certificate of {host} is for another name",
		Explanation: "Either the server has another official name, or this is not the server that was meant.",
		Advice: []string{
			"If your provider's help page names a server that fits the certificate, set it: {names}",
			"On a guest network (hotel, train), open the web browser and sign in to the network first.",
			"Otherwise ask the provider for the right server name. Do not switch the check of certificates off.",
		},
		AdminAdvice: []string{"Add {host} to the certificate, or tell your users the name that it is for."},
	}},
	{report.TLSUnknownAuthority, Words{
		Title:       "nobody known vouches for the certificate of {host}",
		Explanation: "It was made by the server itself or by a private authority, or something between here and there reads along (a virus scanner, a company firewall).",
		Advice: []string{
			"Does a virus scanner on this computer check mail? Switch that off and run mailcheck again.",
			"Is it a server of your company or your own? Get the certificate of its authority from the administrator: mailcheck --ca-file FILE {address}",
			"Try another network. Otherwise tell the provider, and do not accept the certificate.",
		},
		AdminAdvice: []string{"Use a certificate from a public authority (Let's Encrypt costs nothing), or install your own authority on every client."},
	}},
	{report.TLSIncompleteChain, Words{
		Title:       "{host} does not send its whole certificate",
		Explanation: "The intermediate certificate is missing, so the certificate cannot be verified; some programs find the missing part by themselves, others fail. If the server uses a private authority, it looks the same.",
		Advice: []string{
			"Tell the provider that {server} does not send its intermediate certificate.",
			"Is it a server of your company or your own, with a private authority? Then: mailcheck --ca-file FILE {address}",
		},
		AdminAdvice: []string{"Let {host} send the full chain (fullchain.pem in place of cert.pem), and load it again in every mail service."},
	}},
	{report.TLSBadCertificate, Words{
		Title:       "the certificate of {host} cannot be used",
		Explanation: "It is not the one expected, not made for servers, names no host in the form that is needed today, or the server has trouble with it.",
		Advice:      []string{"Tell the provider; nothing in your mail program can help. Do not switch the check of certificates off."},
		AdminAdvice: []string{"Issue a new certificate for {host}: its name in subjectAltName, key usage for servers, from a valid authority; then load it again."},
	}},
	{report.TLSOldVersion, Words{
		Title:       "{host} only knows outdated encryption",
		Explanation: "It offers no TLS 1.2 or newer. What it has is considered broken, and current programs refuse it.",
		Advice: []string{
			"Ask the provider for a newer server name: some keep an old one for old devices.",
			"Otherwise the provider must update the server.",
		},
		AdminAdvice: []string{"Enable TLS 1.2 and TLS 1.3 on {host}."},
	}},
	{report.TLSHandshakeFailure, Words{
		Title:       "no encryption could be agreed on with {host}",
		Explanation: "The server ended the TLS handshake: no cipher in common, or it wants a certificate from the client.",
		Advice: []string{
			"Ask the provider which encryption {server} needs, and quote what stands in this report.",
			"If your provider gave you a certificate to log in with, mailcheck cannot use it.",
		},
		AdminAdvice: []string{"Check protocols, ciphers and client certificates in the TLS settings of {host}: openssl s_client -connect {host}:{port}"},
	}},
	{report.TLSPlaintextPort, Words{
		Title:       "port and encryption do not fit at {server}",
		Explanation: "One side began with TLS and the other in clear text: each port wants its own kind of encryption.",
		Advice: []string{
			"Set encryption SSL/TLS with port {tlsport}, or STARTTLS with port {startport}.",
			"Some providers turn this round: if neither works, take both from the help page.",
		},
	}},
	{report.TLSStartTLSNotOffered, Words{
		Title:       "{host} offers no encryption on this port",
		Explanation: "The server does not offer STARTTLS here, or something on the way takes the offer out.",
		Advice: []string{
			"Set encryption SSL/TLS with port {tlsport}.",
			"Switch the mail check of a virus scanner or firewall off, or try another network. If STARTTLS is offered there, this network removes it.",
			"If neither helps, tell the provider.",
		},
		AdminAdvice: []string{"Enable STARTTLS on port {port} of {host}, or better SSL/TLS on port {tlsport} (RFC 8314)."},
	}},
	{report.TLSExpiresSoon, Words{
		Title:       "the certificate of {host} ends soon",
		Explanation: "All is well until then. Certificates that renew themselves are mostly renewed earlier than this.",
		Advice:      []string{"Nothing to do on your side; tell the provider if it is still the same in a week."},
		AdminAdvice: []string{"See that the renewal runs, and that the mail services load the new certificate."},
	}},
	{report.TLSWeak, Words{
		Title:       "the certificate of {host} has a weak key",
		Explanation: "Its RSA key is shorter than 2048 bits and can be broken.",
		Advice:      []string{"Tell the provider; nothing in your mail program can help."},
		AdminAdvice: []string{"Issue a certificate with an RSA key of 2048 bits or more, or with an ECDSA key."},
	}},
	{report.TLSInjectedPlaintext, Words{
		Title:       "clear text was slipped into the start of the encryption",
		Explanation: "Data came between the answer to STARTTLS and the encryption (CVE-2011-0411): a fault of the server, or an attack on this connection.",
		Advice: []string{
			"Try another network. If it works there, do not use mail on this one.",
			"Set encryption SSL/TLS with port {tlsport}: it cannot be disturbed in this way.",
			"If it happens everywhere, tell the provider.",
		},
		AdminAdvice: []string{"Update the mail software of {host}, and any proxy in front of it."},
	}},
	{report.TLSPreauthDowngrade, Words{
		Title:       "{host} claims a login that nobody made",
		Explanation: "Before any encryption the server said that the session was logged in already. That prevents STARTTLS (RFC 9051 section 11.1), so the session was ended.",
		Advice: []string{
			"Set encryption SSL/TLS with port {tlsport}.",
			"Try another network. If it works there, do not use mail on this one.",
		},
		AdminAdvice: []string{"Do not greet with PREAUTH on a port where STARTTLS is expected."},
	}},
}
