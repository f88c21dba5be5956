package diagnose

import "mailcheck/report"

// connectCauses: connections, and the servers that they are made to.
var connectCauses = []entry{
	{report.ConnectRefused, Words{
		Title:       "nothing listens at {server}",
		Explanation: "The computer there refused the connection: the port is wrong, or the mail service is not running.",
		Advice: []string{
			"Check the port: {protocol} uses {tlsport} with SSL/TLS, or {startport} with STARTTLS.",
			"{unanswered}Check the server name with your provider's help page.",
			"The servers of {provider} are listed at {serverspage}",
			"A peculiarity of {provider}: {catch}",
			"{unanswered}If port and server name are right, the service is down: wait an hour, then ask the provider.",
		},
		AdminAdvice: []string{"See that the mail service runs and listens at port {port} on every address of {host}."},
	}, Words{
		Title:       "{server} で待ち受けているサービスがありません",
		Explanation: "相手のコンピューターが接続を断りました。ポートが違うか、メールのサービスが動いていません。",
		Advice: []string{
			"ポートを確認してください。{protocol} は SSL/TLS なら {tlsport}、STARTTLS なら {startport} です。",
			"{unanswered}サーバー名を、メールサービスのヘルプページで確認してください。",
			"{provider} のサーバーの一覧: {serverspage}",
			"{provider} の注意点: {catch}",
			"{unanswered}ポートとサーバー名が正しい場合は、サービスが止まっています。1 時間待ってから、メールサービスに問い合わせてください。",
		},
		AdminAdvice: []string{"メールのサービスが動いていて、{host} のすべての IP アドレスのポート {port} で待ち受けていることを確認してください。"},
	}},
	{report.ConnectTimeout, Words{
		Title:       "{server} does not answer",
		Explanation: "A firewall on the way, a server that is down, or a wrong name or port look like this.",
		Advice: []string{
			"Check name and port: {protocol} uses {tlsport} with SSL/TLS, or {startport} with STARTTLS. Port 25 is blocked on many lines.",
			"The servers of {provider} are listed at {serverspage}",
			"A peculiarity of {provider}: {catch}",
			"Try another network, for example a phone's. If it works there, the firewall or the provider of this network blocks the port.",
			"{unanswered}If it fails everywhere, the server is down: wait an hour, then ask the provider.",
		},
		AdminAdvice: []string{"Check the firewalls in front of {host}, and that the service behind port {port} still answers."},
	}, Words{
		Title:       "{server} から応答がありません",
		Explanation: "途中のファイアウォール、止まっているサーバー、間違った名前やポートの場合に、このようになります。",
		Advice: []string{
			"名前とポートを確認してください。{protocol} は SSL/TLS なら {tlsport}、STARTTLS なら {startport} です。ポート 25 は多くの回線で使えません。",
			"{provider} のサーバーの一覧: {serverspage}",
			"{provider} の注意点: {catch}",
			"スマートフォンの回線など、別のネットワークで試してください。そこで動く場合は、このネットワークのファイアウォールか回線事業者がポートを止めています。",
			"{unanswered}どこでも失敗する場合は、サーバーが止まっています。1 時間待ってから、メールサービスに問い合わせてください。",
		},
		AdminAdvice: []string{"{host} の手前のファイアウォールと、ポート {port} のサービスがまだ応答するかどうかを確認してください。"},
	}},
	{report.ConnectPortBlocked, Words{
		Title:       "this network blocks {server}",
		Explanation: "Nothing comes back from this port, while other ports of the same server answer. Many lines block port 25 (OP25B), and some block more, so that infected computers cannot send spam.",
		Advice: []string{
			"For sending, set port {tlsport} with SSL/TLS, or {startport} with STARTTLS, and switch on the login for sending. Port 25 is for servers.",
			"Are these ports blocked too? Try another network, for example a phone's, or ask whoever runs this one (company, hotel, cloud) to allow them.",
			"Then run: mailcheck {address}",
		},
		AdminAdvice: []string{"Let {host} take mail from logged-in users at port 587 or 465: many lines cannot reach port 25."},
	}, Words{
		Title:       "このネットワークは {server} への通信を止めています",
		Explanation: "このポートからは応答がなく、同じサーバーの別のポートは応答します。迷惑メールを防ぐため、多くの回線がポート 25 を止めています (OP25B)。ほかのポートも止める回線があります。",
		Advice: []string{
			"送信には、ポート {tlsport} と SSL/TLS、またはポート {startport} と STARTTLS を設定し、送信時の認証をオンにしてください。ポート 25 はサーバー同士の通信用です。",
			"これらのポートも止められていますか。スマートフォンの回線など、別のネットワークで試すか、このネットワークの管理者 (会社、ホテル、クラウド) に許可を依頼してください。",
			"その後で実行してください: mailcheck {address}",
		},
		AdminAdvice: []string{"{host} のポート 587 または 465 で、ログインした利用者のメールを受け付けてください。多くの回線からはポート 25 に届きません。"},
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
	}, Words{
		Title:       "ここから {host} へ行く経路がありません",
		Explanation: "このコンピューターかルーターに相手への経路がないか、ファイアウォールが通信を禁じています。",
		Advice: []string{
			"このコンピューターはインターネットにつながっていますか。今日まだ開いていない Web ページを開いてみてください。",
			"mailcheck -4 {address} を試してください。これで動く場合は、この回線で IPv6 が使えていません。",
			"VPN やファイアウォールのソフトを一時的に切るか、別のネットワークで試してください。",
		},
		AdminAdvice: []string{"{host} のすべての IP アドレスに、外から届くことを確認してください。"},
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
	}, Words{
		Title:       "{host} が応答せずに接続を切りました",
		Explanation: "通信の途中で接続が切れました。サーバーが混んでいるか、この回線の IP アドレスを断っているか、このポートでは別の暗号化が必要なのかもしれません。",
		Advice: []string{
			"ポートと暗号化の組み合わせを確認してください。SSL/TLS なら {tlsport}、STARTTLS なら {startport} です。",
			"数分待って、もう一度試してください。",
			"VPN を切って、別のネットワークで試してください。そこで動く場合は、サーバーがこの回線の IP アドレスを断っています。メールサービスに連絡してください。",
		},
		AdminAdvice: []string{"{host} が接続を切った理由 (上限、ブロックリスト、異常終了) をログで確認してください。"},
	}},
	{report.ConnectAddressDead, Words{
		Title:       "not every address of {host} answers",
		Explanation: "Mail programs that try a dead one first are slow, or fail now and then.",
		Advice:      []string{"Nothing needs to be changed on your side; tell the provider which address is dead."},
		AdminAdvice: []string{"Bring the address back, or take it out of the DNS of {host}."},
	}, Words{
		Title:       "{host} の IP アドレスの一部が応答しません",
		Explanation: "応答しない IP アドレスを先に試すメールソフトは、遅くなったり、ときどき失敗したりします。",
		Advice:      []string{"お手元で変更するものはありません。応答しない IP アドレスをメールサービスに伝えてください。"},
		AdminAdvice: []string{"その IP アドレスを復旧するか、{host} の DNS から外してください。"},
	}},
	{report.GreetingRejectedIP, Words{
		Title:       "{host} refuses the address of this line",
		Explanation: "The server turned the connection away before any login. It goes by the IP address: it is on a block list, is that of a VPN or a cloud, or is of a kind that the server takes no mail from.",
		Advice: []string{
			"Switch any VPN off, or try another network, for example a phone's.",
			"For sending, use the server for mail programs with a login: port {tlsport} with SSL/TLS, or {startport} with STARTTLS. Port 25 is for servers.",
			"Restart the router: many lines get another address then.",
			"If the server's words name a page, open it: block lists can often be left there. Otherwise tell the provider.",
		},
		AdminAdvice: []string{"Look in the log of {host} which list or rule matched. Logged-in users at ports 465 and 587 should not be measured by block lists of home lines."},
	}, Words{
		Title:       "{host} がこの回線の IP アドレスを断っています",
		Explanation: "ログインの前に接続を断られました。判断の理由は IP アドレスです。ブロックリストに載っている、VPN やクラウドのものである、またはサーバーが受け付けない種類の回線です。",
		Advice: []string{
			"VPN を切るか、スマートフォンの回線など、別のネットワークで試してください。",
			"送信には、ログインして使うメールソフト用のサーバーを使ってください。ポート {tlsport} と SSL/TLS、またはポート {startport} と STARTTLS です。ポート 25 はサーバー同士の通信用です。",
			"ルーターを再起動してください。多くの回線では IP アドレスが変わります。",
			"サーバーの応答にページの URL がある場合は開いてください。多くのブロックリストは、そこで解除できます。なければメールサービスに連絡してください。",
		},
		AdminAdvice: []string{"どのリストや規則に該当したかを {host} のログで確認してください。ポート 465 と 587 でログインする利用者に、家庭用回線のブロックリストを使わないでください。"},
	}},
	{report.GreetingTooManyConnections, Words{
		Title:       "{host} has too many connections already",
		Explanation: "The server allows only so many at a time, for each user or for each line. The password is not the problem.",
		Advice: []string{
			"Close other mail programs and phones that use this account, wait ten minutes, then run: mailcheck {address}",
			"Let the mail program open fewer connections (Thunderbird: \"Maximum number of server connections to cache\", set it to 2).",
			"If it lasts, ask the provider.",
		},
		AdminAdvice: []string{"Look at the limits of {host} for each user and address (Dovecot: mail_max_userip_connections) and for hanging sessions."},
	}, Words{
		Title:       "{host} への接続が多すぎます",
		Explanation: "サーバーは、利用者または回線ごとに、同時に使える接続の数を決めています。パスワードの問題ではありません。",
		Advice: []string{
			"このアカウントを使うほかのメールソフトやスマートフォンを閉じ、10 分待ってから実行してください: mailcheck {address}",
			"メールソフトが使う接続の数を減らしてください (Thunderbird の「サーバーへの最大同時接続数」を 2 にします)。",
			"続く場合は、メールサービスに問い合わせてください。",
		},
		AdminAdvice: []string{"{host} の利用者ごと、IP アドレスごとの上限 (Dovecot: mail_max_userip_connections) と、残ったままのセッションを確認してください。"},
	}},
	{report.ConfigWrongHost, Words{
		Title:       "{host} is not the server of this account",
		Explanation: "It is a mail server, but it does not know this account: it belongs to another service of the provider, or to another provider.",
		Advice: []string{
			"Take the server name for {address} from your provider's help page.",
			"The servers of {provider} are listed at {serverspage}",
			"A peculiarity of {provider}: {catch}",
			"Or let it be found: mailcheck discover {address}",
			"Was the mail moved to another provider? Then the servers of the new one count.",
		},
		AdminAdvice: []string{"See that the MX records, the SRV records and the autoconfig file of {domain} name the servers that hold the mailboxes now."},
	}, Words{
		Title:       "{host} はこのアカウントのサーバーではありません",
		Explanation: "メールサーバーではありますが、このアカウントを知りません。同じ会社の別のサービスのものか、別の会社のものです。",
		Advice: []string{
			"{address} のサーバー名を、メールサービスのヘルプページで確認してください。",
			"{provider} のサーバーの一覧: {serverspage}",
			"{provider} の注意点: {catch}",
			"または、mailcheck に探させてください: mailcheck discover {address}",
			"メールを別の会社に移しましたか。その場合は、新しい会社のサーバーを使います。",
		},
		AdminAdvice: []string{"{domain} の MX レコード、SRV レコード、autoconfig ファイルが、現在メールボックスのあるサーバーを示していることを確認してください。"},
	}},
	{report.ConfigWrongProtocol, Words{
		Title:       "what answers at {server} does not speak {protocol}",
		Explanation: "Another kind of server answers on that port.",
		Advice: []string{
			"Set the port for {protocol}: {tlsport} with SSL/TLS, or {startport} with STARTTLS.",
			"Check that the server name is the one for {protocol}: many providers have one for receiving and another for sending.",
			"The servers of {provider} are listed at {serverspage}",
		},
	}, Words{
		Title:       "{server} で応答しているのは {protocol} ではありません",
		Explanation: "このポートでは、別の種類のサーバーが応答しています。",
		Advice: []string{
			"{protocol} のポートを設定してください。SSL/TLS なら {tlsport}、STARTTLS なら {startport} です。",
			"サーバー名が {protocol} 用のものかどうかを確認してください。多くのメールサービスでは、受信用と送信用でサーバー名が違います。",
			"{provider} のサーバーの一覧: {serverspage}",
		},
	}},
	{report.ConfigBadAddress, Words{
		Title:       "an address is not written correctly",
		Explanation: "The server does not take the mail address, or the name of the server, in this form.",
		Advice:      []string{"Look for missing parts, blanks and unusual characters in {address} and in the server names."},
	}, Words{
		Title:       "アドレスの書き方が正しくありません",
		Explanation: "サーバーは、このメールアドレスまたはサーバー名の書き方を受け付けません。",
		Advice:      []string{"{address} とサーバー名に、抜けている部分、空白、特殊な文字がないかどうかを確認してください。"},
	}},
}
