package diagnose

import "mailcheck/report"

// networkCauses: names, connections, and the settings that lead to them.
var networkCauses = []entry{
	{report.DNSNXDomain, Words{
		Title:       "{host} does not exist",
		Explanation: "The name is not in the DNS, the directory of names on the Internet: it is mistyped, or the domain has lapsed or moved.",
		Advice: []string{
			"Compare {host} letter by letter with what your provider or administrator gives.",
			"Is the domain your own? Look at the company where you rent it whether it has been renewed.",
		},
		AdminAdvice: []string{"Enter {host} in the DNS, or correct the name wherever it is given: MX and SRV records, autoconfig file, help page."},
	}},
	{report.DNSNoRecords, Words{
		Title:       "the DNS has nothing of the needed kind for {host}",
		Explanation: "The name exists, but it has no address or, where a mail domain is meant, no mail server.",
		Advice:      []string{"Take the server name from your provider's help page, in place of {host}."},
		AdminAdvice: []string{"Enter what is missing for {host}: A or AAAA for a server, MX for a mail domain."},
	}},
	{report.DNSNullMX, Words{
		Title:       "{domain} takes no mail",
		Explanation: "Its DNS says so itself, with a null MX record (RFC 7505). Mail to its addresses is refused everywhere.",
		Advice: []string{
			"Use an address at another domain to receive mail.",
			"Is the domain your own? Ask the company that runs its DNS to enter your mail server.",
		},
		AdminAdvice: []string{"Replace the record \"MX 0 .\" of {domain} with the servers that take its mail."},
	}},
	{report.DNSServfail, Words{
		Title:       "the DNS gives an error for {host}",
		Explanation: "A DNS server answered with an error. Either the domain's DNS is broken (often its DNSSEC signatures), or the DNS server of this network is.",
		Advice: []string{
			"Try again in some minutes.",
			"Ask another DNS server: mailcheck --dns 9.9.9.9:53 {address}. If that works, set another DNS server on this computer or its router.",
			"If that fails too, tell whoever runs the domain.",
		},
		AdminAdvice: []string{"Check the zone and its signatures, for example at https://dnsviz.net"},
	}},
	{report.DNSTimeout, Words{
		Title:       "no DNS server answers",
		Explanation: "The DNS server of this network does not answer, so no server can be found by its name.",
		Advice: []string{
			"Is this computer online? Open a web page that you have not opened today.",
			"Switch a VPN off, if there is one, and restart the router.",
			"Ask another DNS server: mailcheck --dns 9.9.9.9:53 {address}. If that works, set another DNS server on this computer or its router.",
		},
	}},
	{report.DNSMXUnresolvable, Words{
		Title:       "a mail server of {domain} has no address",
		Explanation: "The DNS names a server for the domain's mail (MX) and gives no address for it. Mail sent there is delayed or lost.",
		Advice:      []string{"Tell whoever runs the DNS of {domain}; nothing in your mail program can help."},
		AdminAdvice: []string{"Give every host in the MX records of {domain} an A or AAAA record, or take it out of them."},
	}},
	{report.DNSMXIsAlias, Words{
		Title:       "a mail server of {domain} is entered as an alias or a number",
		Explanation: "An MX record must name a host that has an address itself (RFC 2181 section 10.3). Some senders deliver all the same, others do not.",
		Advice:      []string{"Tell whoever runs the DNS of {domain}; nothing in your mail program can help."},
		AdminAdvice: []string{"Let the MX records of {domain} name hosts with A or AAAA records: no CNAME, no IP address."},
	}},

	{report.ConnectRefused, Words{
		Title:       "nothing listens at {server}",
		Explanation: "The computer there refused the connection: the port is wrong, or the mail service is not running.",
		Advice: []string{
			"Check the port: {protocol} uses {tlsport} with SSL/TLS, or {startport} with STARTTLS.",
			"Check the server name with your provider's help page.",
			"If both are right, the service is down: wait an hour, then ask the provider.",
		},
		AdminAdvice: []string{"See that the mail service runs and listens at port {port} on every address of {host}."},
	}},
	{report.ConnectTimeout, Words{
		Title:       "{server} does not answer",
		Explanation: "A firewall on the way, a server that is down, or a wrong name or port look like this.",
		Advice: []string{
			"Check name and port: {protocol} uses {tlsport} with SSL/TLS, or {startport} with STARTTLS. Port 25 is blocked on many lines.",
			"Try another network, for example a phone's. If it works there, the firewall or the provider of this network blocks the port.",
			"If it fails everywhere, the server is down: wait an hour, then ask the provider.",
		},
		AdminAdvice: []string{"Check the firewalls in front of {host}, and that the service behind port {port} still answers."},
	}},
	{report.ConnectUnreachable, Words{
		Title:       "there is no way from here to {host}",
		Explanation: "This computer or its router has no route there, or a firewall forbids it.",
		Advice: []string{
			"Is this computer online? Open a web page that you have not opened today.",
			"Try mailcheck -4 {address}. If that works, IPv6 does not work on this line.",
			"Switch VPN and firewall programs off for a moment, or try another network.",
		},
		AdminAdvice: []string{"See that every address of {host} can be reached from outside."},
	}},
	{report.ConnectClosedEarly, Words{
		Title:       "{host} hung up without an answer",
		Explanation: "The connection was closed in the middle. The server may be overloaded, may refuse the address of this line, or may want another encryption on this port.",
		Advice: []string{
			"Check that port and encryption fit: {tlsport} with SSL/TLS, {startport} with STARTTLS.",
			"Try again in some minutes.",
			"Try another network, with any VPN off. If it works there, the server refuses this line's address: tell the provider.",
		},
		AdminAdvice: []string{"Look in the log of {host} why it closed the connection: limits, block lists, a crash."},
	}},
	{report.ConnectAddressDead, Words{
		Title:       "not every address of {host} answers",
		Explanation: "Mail programs that try a dead one first are slow, or fail now and then.",
		Advice:      []string{"Nothing needs to be changed on your side; tell the provider which address is dead."},
		AdminAdvice: []string{"Bring the address back, or take it out of the DNS of {host}."},
	}},

	{report.ConfigWrongProtocol, Words{
		Title:       "what answers at {server} does not speak {protocol}",
		Explanation: "Another kind of server answers on that port.",
		Advice: []string{
			"Set the port for {protocol}: {tlsport} with SSL/TLS, or {startport} with STARTTLS.",
			"Check that the server name is the one for {protocol}: many providers have one for receiving and another for sending.",
		},
	}},
	{report.ConfigBadAddress, Words{
		Title:       "an address is not written correctly",
		Explanation: "The server does not take the mail address, or the name of the server, in this form.",
		Advice:      []string{"Look for missing parts, blanks and unusual characters in {address} and in the server names."},
	}},

	{report.SettingsNotFound, Words{
		Title:       "no {protocol} server is known for {domain}",
		Explanation: "Neither the provider nor the DNS of the domain says which servers to use, and none was found under the usual names.",
		Advice: []string{
			"Check the part after the @ of the address.",
			"Take the server names from your provider's help page and give them: --imap imaps://HOST --smtp smtps://HOST",
		},
		AdminAdvice: []string{"Publish the settings: SRV records (RFC 6186, RFC 8314), or https://autoconfig.{domain}/mail/config-v1.1.xml"},
	}},
	{report.SettingsNotOffered, Words{
		Title:       "{domain} offers no {protocol}",
		Explanation: "The domain or its provider says that this service does not exist there.",
		Advice:      []string{"Use what is offered, or the provider's own app or web page."},
		AdminAdvice: []string{"If {protocol} is there after all, correct the SRV record whose target is \".\"."},
	}},
	{report.SettingsServiceEnded, Words{
		Title:       "the provider of {domain} has closed its mail service",
		Explanation: "The mailbox is gone, or can no longer be reached: no setting and no password helps.",
		Advice: []string{
			"Use another address, and give it to those who write to you.",
			"Change it where you log in with it (shops, banks, social networks): mail to the old one is lost.",
			"Look on the provider's web page whether old mail can still be fetched.",
		},
	}},
	{report.SettingsUntrustedHost, Words{
		Title:       "nobody vouches for {host}, so no password was sent to it",
		Explanation: "The server lies outside the domain of the address, and only sources that can be forged (unsigned DNS) name it.",
		Advice: []string{
			"Compare {host} with your provider's help page. If it is right, give it yourself: --imap imaps://HOST --smtp smtps://HOST",
			"Or accept what was found: mailcheck --trust-discovered {address}",
		},
		AdminAdvice: []string{"Publish the settings over HTTPS: https://autoconfig.{domain}/mail/config-v1.1.xml"},
	}},
	{report.SettingsConflict, Words{
		Title:       "the sources name different servers for {domain}",
		Explanation: "A mail program takes the servers from the first source that it asks, so that with some programs the account works and with others it does not.",
		Advice: []string{
			"Set the servers in your mail program by hand, as this report gives them; do not take what it finds by itself.",
		},
		AdminAdvice: []string{"Let all sources of {domain} name the same servers: its SRV records, its autoconfig file, and the ISPDB."},
	}},
}
