package diagnose

import (
	"errors"
	"slices"

	"mailcheck/report"
	"mailcheck/wire"
)

// ofProtocol tells a check of one of the mail protocols.
func ofProtocol(p report.Protocol) condition {
	return func(_ setting, c *report.Check, _ *report.Step) bool { return c.Protocol == p }
}

// nameOfServer tells the name of a mail server.
func nameOfServer(_ setting, _ *report.Check, step *report.Step) bool { return step.ID == "dns.host" }

// selfSigned tells a server that made its certificate itself.
func selfSigned(_ setting, _ *report.Check, step *report.Step) bool {
	var e *wire.TLSError
	return errors.As(step.Err, &e) && len(e.Chain) > 0 && selfIssued(e.Chain[0])
}

// outdatedCiphers tells a server that was shown to agree to ciphers alone that
// have been given up.
func outdatedCiphers(_ setting, _ *report.Check, step *report.Step) bool {
	var e *wire.TLSError
	return errors.As(step.Err, &e) && e.Outdated != nil
}

// alteredOnTheWay tells an encrypted session whose bytes were changed.
func alteredOnTheWay(_ setting, _ *report.Check, step *report.Step) bool { return altered(step.Err) }

// wrongPin tells a certificate that is another one than that of --pin.
func wrongPin(_ setting, _ *report.Check, step *report.Step) bool {
	return errors.Is(step.Err, wire.ErrPin)
}

// silentForSending tells an SMTP server none of whose ports answers while
// those for receiving do.
func silentForSending(s setting, c *report.Check, step *report.Step) bool {
	return s.report != nil && s.shownBy(c, step).Silent && s.receivesAt("")
}

// noRun tells words that go by a text alone: no run has shown anything.
func noRun(s setting, _ *report.Check, step *report.Step) bool {
	return s.report == nil && step.ID == ""
}

// ownSecret tells a protocol that logs in with a secret of its own.
func ownSecret(s setting, c *report.Check, _ *report.Step) bool {
	return slices.Contains(s.facts.OwnSecret, c.Protocol)
}

// timeIsUp tells a step that the limit of the whole run ended.
func timeIsUp(_ setting, _ *report.Check, step *report.Step) bool {
	return errors.Is(step.Err, report.ErrRunTimeout)
}

// inGreeting tells what a server says first.
func inGreeting(_ setting, _ *report.Check, step *report.Step) bool { return step.Step == "greeting" }

// lineBegun tells a server that had begun a line when the time was over.
func lineBegun(_ setting, _ *report.Check, step *report.Step) bool { return unfinished(step) }

// oneFamily tells a run that was to use one address family alone.
func oneFamily(s setting, _ *report.Check, _ *report.Step) bool { return s.facts.Family != "" }

// caseVariants go by the particulars of the step itself.
var caseVariants = []variant{
	{
		all(timeIsUp, caused(report.ConnectTimeout)),
		entry{report.ConnectTimeout, Words{
			Title:       "the time for the whole run was over",
			Explanation: "The limit of --timeout came before {server} had answered to the end. That says little of the server.",
			Advice:      []string{"Give the run more time: mailcheck --timeout 5m {address}"},
		}, Words{
			Title:       "実行全体の制限時間を過ぎました",
			Explanation: "{server} が最後まで応答する前に、--timeout の制限時間になりました。サーバーの問題とは限りません。",
			Advice:      []string{"時間を長くして実行してください: mailcheck --timeout 5m {address}"},
		}},
	},
	{
		all(caused(report.ConnectTimeout), lineBegun, inGreeting),
		entry{report.ConnectTimeout, Words{
			Title:       "{server} sends something that is no line",
			Explanation: "What answers there may be no mail server, or something holds its words back: a filter on the way, a slow line, a server that slows strangers down.",
			Advice: []string{
				"Check server name and port: {protocol} uses {tlsport} with SSL/TLS, or {startport} with STARTTLS.",
				"The servers of {provider} are listed at {serverspage}",
				"Does a virus scanner or firewall on this computer check mail? Switch that off, or try another network.",
				"{unanswered}Is the line slow? Give the server more time: mailcheck --step-timeout 1m {address}",
			},
			AdminAdvice: []string{"See what listens at port {port} of {host}, and whether something in front of it holds its answers back."},
		}, Words{
			Title:       "{server} が、行になっていないものを送ってきます",
			Explanation: "応答しているのはメールサーバーではないか、途中のフィルター、遅い回線、知らない相手を待たせるサーバーが応答を遅らせています。",
			Advice: []string{
				"サーバー名とポートを確認してください。{protocol} は SSL/TLS なら {tlsport}、STARTTLS なら {startport} です。",
				"{provider} のサーバーの一覧: {serverspage}",
				"このコンピューターのウイルス対策ソフトやファイアウォールがメールを検査していますか。それを切るか、別のネットワークで試してください。",
				"{unanswered}回線が遅いですか。その場合は、待つ時間を長くしてください: mailcheck --step-timeout 1m {address}",
			},
			AdminAdvice: []string{"{host} のポート {port} で何が待ち受けているか、手前の何かが応答を遅らせていないかを確認してください。"},
		}},
	},
	{
		all(caused(report.ConnectTimeout), lineBegun),
		entry{report.ConnectTimeout, Words{
			Title:       "{server} began an answer and did not end it in time",
			Explanation: "The server is slow or stuck, or something on the way holds its words back.",
			Advice: []string{
				"Give the server more time: mailcheck --step-timeout 1m {address}",
				"Does a virus scanner or firewall on this computer check mail? Switch that off, or try another network.",
				"If it lasts, tell the provider.",
			},
			AdminAdvice: []string{"Look at the load of {host}, and whether something in front of it holds its answers back."},
		}, Words{
			Title:       "{server} の応答が、途中のまま時間切れになりました",
			Explanation: "サーバーが遅いか止まっています。または、途中の何かが応答を遅らせています。",
			Advice: []string{
				"待つ時間を長くしてください: mailcheck --step-timeout 1m {address}",
				"このコンピューターのウイルス対策ソフトやファイアウォールがメールを検査していますか。それを切るか、別のネットワークで試してください。",
				"続く場合は、メールサービスに連絡してください。",
			},
			AdminAdvice: []string{"{host} の負荷と、手前の何かが応答を遅らせていないかを確認してください。"},
		}},
	},
	{
		all(caused(report.ConnectPortBlocked), silentForSending),
		entry{report.ConnectPortBlocked, Words{
			Title:       "this network seems to block all ports for sending",
			Explanation: "The server answers for receiving and is silent for sending. Some networks (companies, hotels, clouds) let nobody send, so that infected computers cannot spread spam.",
			Advice: []string{
				"Try another network, for example a phone's. If sending works there, ask whoever runs this one to open the ports 465 and 587.",
				"If it fails there too, the server's service for sending is down: wait an hour, then ask the provider.",
			},
		}, Words{
			Title:       "このネットワークは送信用のポートをすべて止めているようです",
			Explanation: "サーバーは受信では応答し、送信では応答しません。会社、ホテル、クラウドなどには、迷惑メールを防ぐため送信を許可しないネットワークがあります。",
			Advice: []string{
				"スマートフォンの回線など、別のネットワークで試してください。そこで送信できるなら、このネットワークの管理者にポート 465 と 587 を開けてもらってください。",
				"そこでも失敗するなら、サーバーの送信サービスが停止しています。1 時間待ってから、メールサービスに確認してください。",
			},
		}},
	},
	{
		all(caused(report.ConnectPortBlocked), noRun),
		entry{report.ConnectPortBlocked, Words{
			Title:       "this network may block {server}",
			Explanation: "Many lines block port 25 (OP25B), and some block more, so that infected computers cannot send spam. A wrong name or port, or a server that is down, looks the same.",
			Advice: []string{
				"Check name and port: {protocol} uses {tlsport} with SSL/TLS, or {startport} with STARTTLS. For sending, port 25 is for servers; switch on the login for sending.",
				"Try another network, for example a phone's. If it works there, ask whoever runs this one (company, hotel, cloud) to allow these ports.",
				"To see whether this network blocks the port: mailcheck {address}",
			},
			AdminAdvice: []string{"Let {host} take mail from logged-in users at port 587 or 465: many lines cannot reach port 25."},
		}, Words{
			Title:       "このネットワークが {server} への通信を止めているかもしれません",
			Explanation: "迷惑メールを防ぐため、多くの回線がポート 25 を止めています (OP25B)。ほかのポートも止める回線があります。名前やポートの間違い、止まっているサーバーでも、同じようになります。",
			Advice: []string{
				"名前とポートを確認してください。{protocol} は SSL/TLS なら {tlsport}、STARTTLS なら {startport} です。送信では、ポート 25 はサーバー同士の通信用です。送信時の認証をオンにしてください。",
				"スマートフォンの回線など、別のネットワークで試してください。そこで動く場合は、このネットワークの管理者 (会社、ホテル、クラウド) にこれらのポートの許可を依頼してください。",
				"このネットワークがポートを止めているかどうかを確認するには: mailcheck {address}",
			},
			AdminAdvice: []string{"{host} のポート 587 または 465 で、ログインした利用者のメールを受け付けてください。多くの回線からはポート 25 に届きません。"},
		}},
	},
	{
		all(caused(report.ConnectTimeout), ofProtocol(report.SMTP), silentForSending),
		entry{report.ConnectTimeout, Words{
			Title:       "{server} does not answer",
			Explanation: "A network that lets nobody send, or a server that is down, looks like this.",
			Advice: []string{
				"Try another network, for example a phone's. If sending works there, ask whoever runs this one to open the ports 465 and 587.",
				"If it fails everywhere, the server is down, or its name is wrong: compare {host} with the help page, and wait an hour.",
			},
			AdminAdvice: []string{"Check the firewalls in front of {host}, and that the service behind port {port} still answers."},
		}, Words{
			Title:       "{server} が応答しません",
			Explanation: "ネットワークが送信を許可していないか、サーバーが停止していると考えられます。",
			Advice: []string{
				"スマートフォンの回線など、別のネットワークで試してください。そこで送信できるなら、このネットワークの管理者にポート 465 と 587 を開けてもらってください。",
				"どこからも失敗するなら、サーバーが停止しているか、名前が違います。{host} をヘルプページと比べ、1 時間待ってください。",
			},
			AdminAdvice: []string{"{host} の前のファイアウォールと、ポート {port} のサービスが応答しているかどうかを確認してください。"},
		}},
	},
	{
		all(caused(report.DNSNoRecords), oneFamily),
		entry{report.DNSNoRecords, Words{
			Title:       "{host} has no {family} address",
			Explanation: "The name exists, but not for {family}, which alone was asked for (-4 or -6).",
			Advice:      []string{"Leave -4 and -6 out, so that both families are used: mailcheck {address}"},
			AdminAdvice: []string{"Give {host} an address of {family} (A for IPv4, AAAA for IPv6), if it is meant to have one."},
		}, Words{
			Title:       "{host} には {family} のアドレスがありません",
			Explanation: "名前はありますが、-4 か -6 で指定された {family} のアドレスがありません。",
			Advice:      []string{"両方を使うように、-4 と -6 を外して実行してください: mailcheck {address}"},
			AdminAdvice: []string{"必要であれば、{host} に {family} のアドレスを登録してください (IPv4 は A、IPv6 は AAAA)。"},
		}},
	},
	{
		all(caused(report.DNSNXDomain), nameOfServer),
		entry{report.DNSNXDomain, Words{
			Title:       "{host} does not exist",
			Explanation: "The name is not in the DNS, the directory of names on the Internet: it is mistyped, out of date, or known inside one network alone.",
			Advice: []string{
				"Compare {host} letter by letter with what your provider or administrator gives.",
				"Does it work in another place, at home or in the office? Then the name is known only there: use the public name of the help page.",
				"Is the domain your own? Look at the company where you rent it whether it has been renewed.",
			},
			AdminAdvice: []string{"Enter {host} in the DNS, or correct the name wherever it is given: MX and SRV records, autoconfig file, help page."},
		}, Words{
			Title:       "{host} という名前は存在しません",
			Explanation: "インターネット上の名前の台帳 (DNS) にこの名前がありません。入力の間違いか、古い名前か、あるネットワークの中でしか通じない名前です。",
			Advice: []string{
				"{host} を、メールサービスや管理者から案内された名前と 1 文字ずつ見比べてください。",
				"自宅や会社など、別の場所では動きますか。その場合は、そこでしか通じない名前です。ヘルプページにある公開の名前を使ってください。",
				"ご自分のドメインですか。ドメインを契約している会社で、更新されているかどうかを確認してください。",
			},
			AdminAdvice: []string{"{host} を DNS に登録するか、この名前が書かれている所 (MX と SRV レコード、autoconfig ファイル、ヘルプページ) を直してください。"},
		}},
	},
	{
		all(caused(report.TLSUnknownAuthority), selfSigned),
		entry{report.TLSUnknownAuthority, Words{
			Title:       "the certificate of {host} was made by the server itself",
			Explanation: "Anybody can make such a certificate, so it does not show who answered.",
			Advice: []string{
				"Is it a server of your company or your own? Get its certificate from the administrator: mailcheck --ca-file FILE {address}",
				"Does a virus scanner on this computer check mail? Switch that off and run mailcheck again.",
				"Otherwise tell the provider, and do not accept the certificate.",
			},
			AdminAdvice: []string{"Use a certificate from a public authority: Let's Encrypt costs nothing."},
		}, Words{
			Title:       "{host} の証明書はサーバーが自分で作ったものです",
			Explanation: "このような証明書は誰でも作れるため、誰が応答したのかを示しません。",
			Advice: []string{
				"会社またはご自分のサーバーですか。管理者から証明書を受け取ってください: mailcheck --ca-file FILE {address}",
				"このコンピューターのウイルス対策ソフトがメールを検査していますか。それを切って、もう一度 mailcheck を実行してください。",
				"そうでない場合は、メールサービスに知らせ、証明書を受け入れないでください。",
			},
			AdminAdvice: []string{"公的な認証局の証明書を使ってください。Let's Encrypt は無料です。"},
		}},
	},
	{
		all(caused(report.TLSHandshakeFailure), outdatedCiphers),
		entry{report.TLSHandshakeFailure, Words{
			Title:       "{host} only knows outdated encryption",
			Explanation: "Current programs refuse what it has: who records the connection today can read it once the key is known.",
			Advice: []string{
				"Ask the provider for a newer server name: some keep an old one for old devices.",
				"Otherwise the provider must update the server.",
			},
			AdminAdvice: []string{"Offer ECDHE ciphers with AES-GCM, or TLS 1.3, on {host}."},
		}, Words{
			Title:       "{host} は古い暗号しか使えません",
			Explanation: "最近のソフトは受け付けません。通信を記録しておけば、鍵が漏れた後で読まれてしまうためです。",
			Advice: []string{
				"新しいサーバー名があるかどうかをメールサービスに確認してください。古い機器のために古いサーバーを残している場合があります。",
				"そうでない場合は、メールサービスによるサーバーの更新が必要です。",
			},
			AdminAdvice: []string{"{host} で ECDHE と AES-GCM の暗号、または TLS 1.3 を提供してください。"},
		}},
	},
	{
		all(caused(report.TLSHandshakeFailure), alteredOnTheWay),
		entry{report.TLSHandshakeFailure, Words{
			Title:       "something changed the encrypted data on the way to {host}",
			Explanation: "What arrived was not what had been sent. Encryption showed that, and the connection was ended.",
			Advice: []string{
				"Run mailcheck again: a bad line does this once, a faulty or hostile device each time.",
				"Try another network, with any VPN off. If it works there, restart the router of this one, or tell whoever runs it.",
				"Does a virus scanner or firewall on this computer check mail? Switch that off and run mailcheck again.",
			},
			AdminAdvice: []string{"Look for a device in front of {host} that changes what it passes on: a firewall, a load balancer, a faulty network card."},
		}, Words{
			Title:       "{host} との暗号化された通信が、途中で変えられました",
			Explanation: "送られたものと違うものが届きました。暗号によってそれがわかり、通信を打ち切りました。",
			Advice: []string{
				"もう一度 mailcheck を実行してください。回線の不調なら一度だけ、機器の故障や攻撃なら毎回起こります。",
				"VPN を切り、別のネットワークで試してください。そちらで動く場合は、今のネットワークのルーターを再起動するか、管理者に知らせてください。",
				"このコンピューターのウイルス対策ソフトやファイアウォールがメールを検査していますか。それを切って、もう一度 mailcheck を実行してください。",
			},
			AdminAdvice: []string{"{host} の手前に、通信を書き換える機器 (ファイアウォール、負荷分散装置、故障したネットワークカード) がないかを確認してください。"},
		}},
	},
	{
		all(caused(report.TLSBadCertificate), wrongPin),
		entry{report.TLSBadCertificate, Words{
			Title:       "the certificate of {host} is not the one of --pin",
			Explanation: "The server has a new certificate, the fingerprint was copied wrongly, or something else answers in its place.",
			Advice: []string{
				"Compare the fingerprint of --pin with that which the administrator gives (SHA-256 of the certificate).",
				"Was the certificate renewed? Then give the new fingerprint.",
				"Otherwise do not log in on this network.",
			},
		}, Words{
			Title:       "{host} の証明書は --pin のものではありません",
			Explanation: "サーバーの証明書が新しくなったか、フィンガープリントの写し間違いか、別の何かが代わりに応答しています。",
			Advice: []string{
				"--pin のフィンガープリントを、管理者が示すもの (証明書の SHA-256) と比べてください。",
				"証明書が更新されましたか。その場合は、新しいフィンガープリントを指定してください。",
				"そうでない場合は、このネットワークではログインしないでください。",
			},
		}},
	},
	{
		all(caused(report.MailboxInUse), ofProtocol(report.IMAP)),
		entry{report.MailboxInUse, Words{
			Title:       "the mailbox is held by another program",
			Explanation: "The password is not the problem. Something else has the mailbox locked at the moment.",
			Advice: []string{
				"Close other mail programs and phones that read this mailbox, wait ten minutes, then run mailcheck again.",
				"Does one of them use POP3? Let it look for mail less often.",
			},
			AdminAdvice: []string{"Look for a hanging session or a left-over lock of {user}, and at the limit of connections a user."},
		}, Words{
			Title:       "別のソフトがメールボックスを使用中です",
			Explanation: "パスワードの問題ではありません。今は別の何かがメールボックスをロックしています。",
			Advice: []string{
				"このメールボックスを読むほかのメールソフトやスマートフォンを閉じ、10 分待ってから、もう一度 mailcheck を実行してください。",
				"POP3 を使っているものがありますか。新着メールの確認の間隔を長くしてください。",
			},
			AdminAdvice: []string{"{user} の残ったままのセッションやロックがないか、利用者ごとの接続数の上限はいくつかを確認してください。"},
		}},
	},
	{
		all(caused(report.AuthBadCredentials), ownSecret),
		entry{report.AuthBadCredentials, Words{
			Title:       "the {protocol} server did not accept the {secret}",
			Explanation: "For {protocol} a {secret} of its own was used. It is wrong, or the user name is. The connection itself is fine.",
			Advice: []string{
				"Store the right one for {protocol} (mailcheck creds set {address} --protocol {protocolname}), then run: mailcheck {address}",
				"Does {protocol} take the same one as the others? Then remove its own: mailcheck creds delete {address} --protocol {protocolname}",
			},
			AdminAdvice: []string{"Look in the log of {host} why the login of {user} was refused."},
		}, Words{
			Title:       "{protocol} サーバーが{secret}を受け付けませんでした",
			Explanation: "{protocol} には専用の{secret}が使われました。それかユーザー名が違います。接続そのものは正常です。",
			Advice: []string{
				"{protocol} 用の正しいものを保存し (mailcheck creds set {address} --protocol {protocolname})、その後で実行してください: mailcheck {address}",
				"{protocol} もほかと同じでよいのですか。その場合は専用のものを削除してください: mailcheck creds delete {address} --protocol {protocolname}",
			},
			AdminAdvice: []string{"{user} のログインが断られた理由を {host} のログで確認してください。"},
		}},
	},
}
