package diagnose

import "mailcheck/report"

// inferredVariants are the words of the inferences, by their names.
var inferredVariants = []variant{
	{
		byRule("smtp-user-name-documented"),
		entry{report.AuthUsernameForm, Words{
			Title:       "{provider} wants another user name for {protocol}",
			Explanation: "For {protocol}, {provider} takes {documenteduser} as the user name; {user} was used.",
			Advice: []string{
				"Set {documenteduser} as the user name for {protocol} in the mail program.",
				"Test it: mailcheck {userflag} {documenteduser} {address}",
			},
		}, Words{
			Title:       "{provider} の {protocol} では別のユーザー名が必要です",
			Explanation: "{protocol} では、{provider} のユーザー名は {documenteduser} です。使われたのは {user} でした。",
			Advice: []string{
				"メールソフトの {protocol} のユーザー名に {documenteduser} を設定してください。",
				"確認するには: mailcheck {userflag} {documenteduser} {address}",
			},
		}},
	},
	{
		byRule("smtp-host-documented"),
		entry{report.ConfigWrongHost, Words{
			Title:       "{host} is not the {protocol} server of {provider}",
			Explanation: "The {protocol} server of {provider} is {otherhost}.",
			Advice: []string{
				"Set {otherhost} as the {protocol} server in the mail program.",
				"Test it: mailcheck {otherflag} {address}",
			},
		}, Words{
			Title:       "{host} は {provider} の {protocol} サーバーではありません",
			Explanation: "{provider} の {protocol} サーバーは {otherhost} です。",
			Advice: []string{
				"メールソフトの {protocol} サーバーに {otherhost} を設定してください。",
				"確認するには: mailcheck {otherflag} {address}",
			},
		}},
	},
	{
		byRule("switched-off-at-the-provider"),
		entry{report.AuthProtocolDisabled, Words{
			Title:       "{provider} has {protocol} off until you switch it on",
			Explanation: "At {provider}, {protocol} is off at first.",
			Advice: []string{
				"Switch {protocol} on: {switch}",
				"Wait some minutes, then run: mailcheck {address}",
			},
		}, Words{
			Title:       "{provider} の {protocol} は、オンにするまで使えません",
			Explanation: "{provider} では、{protocol} は初めはオフになっています。",
			Advice: []string{
				"{protocol} をオンにしてください: {switch}",
				"数分待ってから実行してください: mailcheck {address}",
			},
		}},
	},
	{
		byRule("blocked-from-abroad"),
		entry{report.AuthBlockedByPolicy, Words{
			Title:       "{provider} probably refuses {protocol} logins from abroad",
			Explanation: "{provider} takes {protocol} logins from outside its country only when the account allows them. CI machines, clouds and VPNs are mostly abroad.",
			Advice: []string{
				"Are you abroad, or is this machine? Allow access from abroad in the control panel of {provider}, wait some minutes, then run: mailcheck {address}",
				"Or switch the VPN off, or run mailcheck on a line inside the country.",
				"Otherwise look on the help page of {provider} whether {protocol} has to be switched on.",
			},
		}, Words{
			Title:       "{provider} が国外からの {protocol} のログインを断っているようです",
			Explanation: "{provider} は、アカウントで許可されている場合だけ、国外からの {protocol} のログインを受け付けます。CI のマシン、クラウド、VPN の多くは国外にあります。",
			Advice: []string{
				"国外にいますか。または、このコンピューターが国外にありますか。{provider} の管理画面で国外からのアクセスを許可し、数分待ってから実行してください: mailcheck {address}",
				"または、VPN を切るか、国内の回線で mailcheck を実行してください。",
				"そうでない場合は、{protocol} をオンにする必要があるかどうかを {provider} のヘルプページで確認してください。",
			},
		}},
	},
	{
		byRule("no-login-before-encryption"),
		entry{report.AuthEncryptionRequired, Words{
			Title:       "{host} offers a login only after STARTTLS",
			Explanation: "The connection was not encrypted. The server offers STARTTLS, and a login behind it. No password was sent.",
			Advice: []string{
				"Set the encryption STARTTLS with port {port}, or SSL/TLS with port {tlsport}.",
			},
		}, Words{
			Title:       "{host} でログインできるのは STARTTLS の後だけです",
			Explanation: "接続は暗号化されていませんでした。サーバーは STARTTLS と、その後のログインを提供しています。パスワードは送られていません。",
			Advice: []string{
				"ポート {port} で暗号化 STARTTLS を、またはポート {tlsport} で SSL/TLS を設定してください。",
			},
		}},
	},
	{
		byRule("starttls-stripped"),
		entry{report.TLSStartTLSNotOffered, Words{
			Title:       "something on the way takes the encryption out",
			Explanation: "What the server offers was overwritten with X's before it came here. Firewalls and virus scanners that inspect mail do that.",
			Advice: []string{
				"Set encryption SSL/TLS with port {tlsport}: that cannot be taken out.",
				"Switch the mail check of a virus scanner off, and try again.",
				"Try another network. If it works there, this network inspects mail: ask its administrator.",
			},
			AdminAdvice: []string{"Switch off the inspection of SMTP in the firewall (Cisco: \"no inspect esmtp\")."},
		}, Words{
			Title:       "途中の何かが暗号化を取り除いています",
			Explanation: "サーバーが提供する機能が、ここに届くまでに X の文字で上書きされています。メールを検査するファイアウォールやウイルス対策ソフトの動作です。",
			Advice: []string{
				"ポート {tlsport} で暗号化 SSL/TLS を設定してください。これは取り除けません。",
				"ウイルス対策ソフトのメール検査を切って、もう一度試してください。",
				"別のネットワークで試してください。そこで動くなら、このネットワークがメールを検査しています。管理者に相談してください。",
			},
			AdminAdvice: []string{"ファイアウォールの SMTP の検査を切ってください (Cisco では「no inspect esmtp」)。"},
		}},
	},
	{
		byRule("private-address"),
		entry{report.ConnectTimeout, Words{
			Title:       "{host} has a private address, and that does not answer",
			Explanation: "The address belongs to a home or company network. From outside, the server has another name, or is reached by a VPN only.",
			Advice: []string{
				"Are you outside that network? Connect to its VPN, or take the public server name from the help page.",
				"Are you inside? Then ask its administrator whether the server is up.",
			},
		}, Words{
			Title:       "{host} はプライベートアドレスで、応答がありません",
			Explanation: "このアドレスは家庭や会社のネットワークのものです。外からは、サーバーの名前が違うか、VPN でしか届きません。",
			Advice: []string{
				"そのネットワークの外にいますか。VPN に接続するか、ヘルプページにある公開のサーバー名を使ってください。",
				"中にいますか。その場合は、サーバーが動いているかどうかを管理者に確認してください。",
			},
		}},
	},
	{
		byRule("provider-named-by-certificate"),
		entry{report.TLSHostnameMismatch, Words{
			Title:       "the right name of the server is {otherhost}",
			Explanation: "{host} leads to a server of the provider, and its certificate is for the provider's name alone.",
			Advice: []string{
				"Set {otherhost} as the {protocol} server in the mail program, in place of {host}.",
				"Test it: mailcheck {otherflag} {address}",
			},
			AdminAdvice: []string{"Tell your users {otherhost}, or let the provider issue a certificate for {host}."},
		}, Words{
			Title:       "正しいサーバー名は {otherhost} です",
			Explanation: "{host} はメールサービスのサーバーにつながりますが、証明書はメールサービスの名前だけのものです。",
			Advice: []string{
				"メールソフトの {protocol} サーバーを、{host} から {otherhost} に変更してください。",
				"確認するには: mailcheck {otherflag} {address}",
			},
			AdminAdvice: []string{"利用者に {otherhost} を知らせるか、{host} の証明書をメールサービスに発行してもらってください。"},
		}},
	},
	{
		byRule("not-the-real-server"),
		entry{report.TLSHostnameMismatch, Words{
			Title:       "what answered is not {host}",
			Explanation: "{host} is a known server, and its certificate is good. Something else answered in its name: a guest network before its sign-in, a wrong DNS server, or a program that reads along.",
			Advice: []string{
				"On a guest network (hotel, train), open the web browser and sign in to the network first.",
				"Switch the mail check of a virus scanner off, and any VPN.",
				"Try another network. Do not accept the certificate, and do not log in.",
			},
		}, Words{
			Title:       "応答したのは {host} ではありません",
			Explanation: "{host} は既知のサーバーで、その証明書は正しいものです。別の何かがその名前で応答しています (サインイン前のゲスト用ネットワーク、間違った DNS サーバー、通信を読むソフトなど)。",
			Advice: []string{
				"ホテルや電車などのゲスト用ネットワークでは、先に Web ブラウザーを開いてサインインしてください。",
				"ウイルス対策ソフトのメール検査と VPN を切ってください。",
				"別のネットワークで試してください。この証明書を受け入れず、ログインもしないでください。",
			},
		}},
	},
	{
		byRule("other-recipient"),
		entry{report.SubmitRecipientUnknown, Words{
			Title:       "the server cannot deliver to {recipient}",
			Explanation: "It refused this recipient alone. The login and the sender were accepted: nothing is wrong with the account.",
			Advice: []string{
				"Check the recipient's address, letter by letter: {recipient}",
				"Ask the recipient in another way whether the mailbox is there and has room.",
				"Test the account itself: mailcheck {address}",
			},
		}, Words{
			Title:       "サーバーは {recipient} に配送できません",
			Explanation: "断られたのはこの宛先だけです。ログインと送信者は受け付けられており、アカウントに問題はありません。",
			Advice: []string{
				"宛先のアドレスを 1 文字ずつ確認してください: {recipient}",
				"メールボックスがあり、空きがあるかどうかを、別の方法で相手に確認してください。",
				"アカウント自体を確認するには: mailcheck {address}",
			},
		}},
	},
	{
		byRule("mx-is-forwarder"),
		entry{report.DeliveryNotArrived, Words{
			Title:       "mail for {domain} is forwarded by {mxprovider}",
			Explanation: "{mxprovider} takes the mail of {domain} and keeps no mailbox: it hands each message on to another address. The test message was accepted, but not seen in this mailbox.",
			Advice: []string{
				"Look in the settings of {mxprovider} where mail for {address} goes to.",
				"Look for the subject \"mailcheck test\" in that mailbox, in its junk folder too.",
			},
			AdminAdvice: []string{"Let {mxprovider} forward {address} to this mailbox, or let the MX record of {domain} name its server."},
		}, Words{
			Title:       "{domain} 宛てのメールは {mxprovider} が転送しています",
			Explanation: "{mxprovider} は {domain} 宛てのメールを受け取りますが、メールボックスは持たず、別のアドレスに転送します。テストメールは受け付けられましたが、このメールボックスには届いていません。",
			Advice: []string{
				"{mxprovider} の設定で、{address} 宛てのメールの転送先を確認してください。",
				"その転送先で、件名「mailcheck test」のメールを迷惑メールフォルダーも含めて探してください。",
			},
			AdminAdvice: []string{"{mxprovider} で {address} をこのメールボックスに転送するか、{domain} の MX レコードをこのサーバーにしてください。"},
		}},
	},
	{
		byRule("mx-elsewhere"),
		entry{report.DeliveryNotArrived, Words{
			Title:       "mail for {domain} goes to {mxprovider}, not to this mailbox",
			Explanation: "The MX record of {domain} leads to {mx}. The mailbox that was looked into is at {otherhost}.",
			Advice: []string{
				"Did the mailbox move to {mxprovider}? Then use the servers and the password of {mxprovider}.",
				"Did it move away from there? Then whoever runs the DNS of {domain} must change its MX record.",
			},
			AdminAdvice: []string{"Let the MX record of {domain} name the server that holds the mailboxes; now it names {mx}."},
		}, Words{
			Title:       "{domain} 宛てのメールは {mxprovider} に届きます",
			Explanation: "{domain} の MX レコードは {mx} を指しています。確認したメールボックスは {otherhost} にあります。",
			Advice: []string{
				"メールボックスは {mxprovider} に移りましたか。その場合は {mxprovider} のサーバーとパスワードを使ってください。",
				"そこから移りましたか。その場合は {domain} の DNS の管理者に、MX レコードを変更してもらってください。",
			},
			AdminAdvice: []string{"{domain} の MX レコードを、メールボックスのあるサーバーにしてください。今は {mx} を指しています。"},
		}},
	},
}
