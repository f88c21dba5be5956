package diagnose

import "mailcheck/report"

// dnsCauses: names in the DNS.
var dnsCauses = []entry{
	{report.DNSNXDomain, Words{
		Title:       "{host} does not exist",
		Explanation: "The name is not in the DNS, the directory of names on the Internet: it is mistyped, or the domain has lapsed or moved.",
		Advice: []string{
			"Compare {host} letter by letter with what your provider or administrator gives.",
			"Is the domain your own? Look at the company where you rent it whether it has been renewed.",
		},
		AdminAdvice: []string{"Enter {host} in the DNS, or correct the name wherever it is given: MX and SRV records, autoconfig file, help page."},
	}, Words{
		Title:       "{host} という名前は存在しません",
		Explanation: "インターネット上の名前の台帳 (DNS) にこの名前がありません。入力の間違いか、ドメインの期限切れ、または移転が考えられます。",
		Advice: []string{
			"{host} を、メールサービスや管理者から案内された名前と 1 文字ずつ見比べてください。",
			"ご自分のドメインですか。ドメインを契約している会社で、更新されているかどうかを確認してください。",
		},
		AdminAdvice: []string{"{host} を DNS に登録するか、この名前が書かれている所 (MX と SRV レコード、autoconfig ファイル、ヘルプページ) を直してください。"},
	}},
	{report.DNSNoRecords, Words{
		Title:       "the DNS has nothing of the needed kind for {host}",
		Explanation: "The name exists, but it has no address or, where a mail domain is meant, no mail server.",
		Advice:      []string{"Take the server name from your provider's help page, in place of {host}."},
		AdminAdvice: []string{"Enter what is missing for {host}: A or AAAA for a server, MX for a mail domain."},
	}, Words{
		Title:       "{host} に必要な情報が DNS にありません",
		Explanation: "名前はありますが、IP アドレスが登録されていません。メール用のドメインの場合は、メールサーバーが登録されていません。",
		Advice:      []string{"{host} の代わりに、メールサービスのヘルプページにあるサーバー名を使ってください。"},
		AdminAdvice: []string{"{host} に足りないレコードを登録してください。サーバーなら A または AAAA、メール用のドメインなら MX です。"},
	}},
	{report.DNSNullMX, Words{
		Title:       "{domain} takes no mail",
		Explanation: "Its DNS says so itself, with a null MX record (RFC 7505). Other servers do not even try to deliver mail to its addresses.",
		Advice: []string{
			"Use an address at another domain to receive mail.",
			"Is the domain your own? Ask the company that runs its DNS to enter your mail server.",
		},
		AdminAdvice: []string{"Replace the record \"MX 0 .\" of {domain} with the servers that take its mail."},
	}, Words{
		Title:       "{domain} はメールを受け取りません",
		Explanation: "ドメインの DNS が、メールを受け取らないと宣言しています (null MX、RFC 7505)。ほかのサーバーは、このドメイン宛てのメールを届けようともしません。",
		Advice: []string{
			"メールの受信には、別のドメインのアドレスを使ってください。",
			"ご自分のドメインですか。DNS を管理している会社に、メールサーバーの登録を依頼してください。",
		},
		AdminAdvice: []string{"{domain} のレコード「MX 0 .」を、メールを受け取るサーバーに置き換えてください。"},
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
	}, Words{
		Title:       "{host} を調べると DNS がエラーを返します",
		Explanation: "DNS サーバーがエラーを返しました。ドメインの DNS (多くは DNSSEC の署名) か、このネットワークの DNS サーバーに問題があります。",
		Advice: []string{
			"数分待って、もう一度試してください。",
			"別の DNS サーバーに聞いてみて、動く場合は、このコンピューターかルーターの DNS サーバーを変更してください: mailcheck --dns 9.9.9.9:53 {address}",
			"それでも失敗する場合は、ドメインの管理者に連絡してください。",
		},
		AdminAdvice: []string{"ゾーンと署名を、たとえば https://dnsviz.net で確認してください。"},
	}},
	{report.DNSTimeout, Words{
		Title:       "no DNS server answers",
		Explanation: "The DNS server of this network does not answer, so no server can be found by its name.",
		Advice: []string{
			"Is this computer online? Open a web page that you have not opened today.",
			"Switch a VPN off, if there is one, and restart the router.",
			"Ask another DNS server: mailcheck --dns 9.9.9.9:53 {address}. If that works, set another DNS server on this computer or its router.",
		},
	}, Words{
		Title:       "DNS サーバーから応答がありません",
		Explanation: "このネットワークの DNS サーバーが応答しないため、どのサーバーも名前で見つけることができません。",
		Advice: []string{
			"このコンピューターはインターネットにつながっていますか。今日まだ開いていない Web ページを開いてみてください。",
			"VPN を使っている場合は切り、ルーターを再起動してください。",
			"別の DNS サーバーに聞いてみて、動く場合は、このコンピューターかルーターの DNS サーバーを変更してください: mailcheck --dns 9.9.9.9:53 {address}",
		},
	}},
	{report.DNSMXUnresolvable, Words{
		Title:       "a mail server of {domain} has no address",
		Explanation: "The DNS names a server for the domain's mail (MX) and gives no address for it. Mail sent there is delayed or lost.",
		Advice:      []string{"Tell whoever runs the DNS of {domain}; nothing in your mail program can help."},
		AdminAdvice: []string{"Give every host in the MX records of {domain} an A or AAAA record, or take it out of them."},
	}, Words{
		Title:       "{domain} のメールサーバーの 1 つに IP アドレスがありません",
		Explanation: "DNS はドメインのメールを受け取るサーバー (MX) の名前を示していますが、その IP アドレスがありません。そこへ送られたメールは遅れるか、失われます。",
		Advice:      []string{"{domain} の DNS の管理者に連絡してください。メールソフトの設定では直りません。"},
		AdminAdvice: []string{"{domain} の MX レコードにあるすべてのホストに A または AAAA レコードを登録するか、MX レコードから外してください。"},
	}},
	{report.DNSMXIsAlias, Words{
		Title:       "a mail server of {domain} is entered as an alias or a number",
		Explanation: "An MX record must name a host that has an address itself (RFC 2181 section 10.3). Some senders deliver all the same, others do not.",
		Advice:      []string{"Tell whoever runs the DNS of {domain}; nothing in your mail program can help."},
		AdminAdvice: []string{"Let the MX records of {domain} name hosts with A or AAAA records: no CNAME, no IP address."},
	}, Words{
		Title:       "{domain} のメールサーバーが別名か IP アドレスで登録されています",
		Explanation: "MX レコードには、自分の IP アドレスを持つホスト名を書く決まりです (RFC 2181 10.3 節)。それでも配送する送信者と、しない送信者があります。",
		Advice:      []string{"{domain} の DNS の管理者に連絡してください。メールソフトの設定では直りません。"},
		AdminAdvice: []string{"{domain} の MX レコードには、A または AAAA レコードを持つホスト名を書いてください。CNAME や IP アドレスは使えません。"},
	}},
}
