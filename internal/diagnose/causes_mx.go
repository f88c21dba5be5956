package diagnose

import "mailcheck/report"

// mxCauses: the servers that take a domain's mail.
var mxCauses = []entry{
	{report.MXPortBlocked, Words{
		Title:       "the mail servers of {domain} cannot be tried from this line",
		Explanation: "None of them takes a connection at port 25 from here. Most home and mobile lines, and many clouds, block that port (OP25B), so this says nothing about the servers.",
		Advice:      []string{"To test them, run this where port 25 is open, on a rented server for example: mailcheck --mx {address}"},
	}, Words{
		Title:       "{domain} のメールサーバーは、この回線からは試せません",
		Explanation: "ここからは、どのサーバーのポート 25 にも接続できません。家庭や携帯の回線の多く、クラウドの多くはこのポートを止めています (OP25B)。サーバーの良し悪しはわかりません。",
		Advice:      []string{"試すには、レンタルサーバーなど、ポート 25 が使える所で実行してください: mailcheck --mx {address}"},
	}},
	{report.MXStartTLSMissing, Words{
		Title:       "the mail server {host} does not encrypt",
		Explanation: "It offers no STARTTLS, so mail to {domain} crosses the Internet readable for everybody on the way. Senders that honour MTA-STS or DANE, where the domain has one, do not deliver to it.",
		Advice:      []string{"Tell whoever runs the mail servers of {domain}; nothing in your mail program can help."},
		AdminAdvice: []string{
			"Switch STARTTLS on at port 25 of {host} (Postfix: smtpd_tls_security_level = may, with smtpd_tls_chain_files).",
			"Is it on, and seen elsewhere? Then a firewall on the way takes it out of the dialogue (Cisco: \"inspect esmtp\").",
		},
	}, Words{
		Title:       "メールサーバー {host} は暗号化しません",
		Explanation: "STARTTLS を提供しないため、{domain} 宛てのメールは途中の誰にでも読める形で届きます。ドメインに MTA-STS や DANE がある場合、それを守る送信者はこのサーバーに届けません。",
		Advice:      []string{"{domain} のメールサーバーの管理者に連絡してください。メールソフトの設定では直りません。"},
		AdminAdvice: []string{
			"{host} のポート 25 で STARTTLS をオンにしてください (Postfix では smtpd_tls_security_level = may と smtpd_tls_chain_files)。",
			"オンになっていて、ほかの場所からは見えますか。その場合は、途中のファイアウォールが取り除いています (Cisco では \"inspect esmtp\")。",
		},
	}},
	{report.MXCertificate, Words{
		Title:       "the certificate of {host} is not valid for senders that check it",
		Explanation: "Mail arrives all the same: most senders encrypt between mail servers without checking. Only it is not proven that nobody else reads along.",
		Advice:      []string{"Nothing needs to be changed on your side."},
		AdminAdvice: []string{"Give {host} a certificate of a public authority for just that name (Let's Encrypt, for example), with the intermediate certificates."},
	}, Words{
		Title:       "{host} の証明書は、確認する送信者には通用しません",
		Explanation: "それでもメールは届きます。メールサーバー同士では、多くの送信者が確認せずに暗号化するためです。ただし、ほかの誰かに読まれていないことの証明にはなりません。",
		Advice:      []string{"お手元で変更するものはありません。"},
		AdminAdvice: []string{"{host} に、その名前そのものに対する公開の認証局の証明書 (たとえば Let's Encrypt) を、中間証明書とともに設定してください。"},
	}},
	{report.MXCertificateDemanded, Words{
		Title:       "the certificate of {host} is not the one that its domain promises",
		Explanation: "The MTA-STS policy of {domain} says that its mail servers have a valid certificate, and asks senders to keep mail back otherwise. Gmail, Microsoft 365 and others do: their mail does not arrive there.",
		Advice:      []string{"Tell whoever runs the mail servers of {domain} at once; nothing in your mail program can help."},
		AdminAdvice: []string{
			"Give {host} a certificate of a public authority for just that name, with the intermediate certificates, and see that it is renewed.",
			"Until then write \"mode: testing\" in https://mta-sts.{domainname}/.well-known/mta-sts.txt and a new id in the TXT record of _mta-sts.{domainname}",
		},
	}, Words{
		Title:       "{host} の証明書は、ドメインが約束したものと違います",
		Explanation: "{domain} の MTA-STS ポリシーは、サーバーの証明書が有効で、そうでなければ届けないよう送信者に求めています。Gmail や Microsoft 365 などはこれを守るので、そこからのメールは届きません。",
		Advice:      []string{"すぐに {domain} のメールサーバーの管理者に連絡してください。メールソフトの設定では直りません。"},
		AdminAdvice: []string{
			"{host} に、その名前そのものに対する公開の認証局の証明書を、中間証明書とともに設定し、更新されることを確認してください。",
			"それまでは https://mta-sts.{domainname}/.well-known/mta-sts.txt に \"mode: testing\" と書き、_mta-sts.{domainname} の TXT レコードの id を新しくしてください。",
		},
	}},
}

// mxVariants are the words for servers that take mail from other servers: those
// for the servers of mail programs name ports and passwords.
var mxVariants = []variant{
	{
		func(_ setting, c *report.Check, step *report.Step) bool {
			return c.ID == report.MXCheck && step.Step == "connect" && family(step.Cause) == "connect" && step.Cause != report.ConnectAddressDead
		},
		entry{report.ConnectTimeout, Words{
			Title:       "the mail server {host} takes no connection",
			Explanation: "Other servers of the domain answer at port 25, so the port is not blocked here. Mail that is sent to this one first is delayed until the sender tries another.",
			Advice:      []string{"Tell whoever runs the mail servers of {domain}; nothing in your mail program can help."},
			AdminAdvice: []string{"See that the mail service of {host} runs and that no firewall closes port 25, or take {host} out of the MX records of {domain}."},
		}, Words{
			Title:       "メールサーバー {host} に接続できません",
			Explanation: "このドメインのほかのサーバーはポート 25 で応答するので、ここでポートが止められているのではありません。このサーバーに先に送られたメールは、送信者が別のサーバーを試すまで遅れます。",
			Advice:      []string{"{domain} のメールサーバーの管理者に連絡してください。メールソフトの設定では直りません。"},
			AdminAdvice: []string{"{host} のメールのサービスが動いていて、ポート 25 がファイアウォールで閉じられていないことを確認するか、{domain} の MX レコードから {host} を外してください。"},
		}},
	},
}
