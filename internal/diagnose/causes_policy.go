package diagnose

import "mailcheck/report"

// policyCauses: what a domain publishes about its mail.
var policyCauses = []entry{
	{report.PolicySPFMissing, Words{
		Title:       "{domain} does not say who may send its mail (SPF)",
		Explanation: "Without the record, receivers cannot tell mail of the domain from forged mail. Gmail, Yahoo and Outlook.com put such mail into the junk folder or refuse it.",
		Advice:      []string{"Is the domain your own? The company that sends its mail names the record to enter; otherwise tell whoever runs the DNS of {domain}."},
		AdminAdvice: []string{"Enter a TXT record for {domain}, for example: \"v=spf1 mx -all\". For each service that sends in its name put the include: of its help page before -all."},
	}, Words{
		Title:       "{domain} は誰が送信できるかを示していません (SPF)",
		Explanation: "このレコードがないと、受信側はドメインの本物のメールと偽物を区別できません。Gmail、Yahoo、Outlook.com は、そのようなメールを迷惑メールに入れるか断ります。",
		Advice:      []string{"ご自分のドメインですか。登録するレコードは、送信を任せている会社が案内しています。そうでなければ {domain} の DNS の管理者に連絡してください。"},
		AdminAdvice: []string{"{domain} に TXT レコードを登録してください。例: \"v=spf1 mx -all\" ドメイン名義で送信するサービスごとに、ヘルプページにある include: を -all の前に書きます。"},
	}},
	{report.PolicySPFSeveral, Words{
		Title:       "{domain} has more than one SPF record, so that none counts",
		Explanation: "Receivers take two records for a mistake and use neither (RFC 7208 section 4.5): mail of the domain is treated as if it were forged. It may be a record that {domain} includes.",
		Advice:      []string{"Tell whoever runs the DNS of {domain}; nothing in your mail program can help."},
		AdminAdvice: []string{"Make one TXT record of the two: \"v=spf1\", then the terms of both, then one \"-all\" or \"~all\" at its end. Delete the other."},
	}, Words{
		Title:       "{domain} の SPF レコードが複数あり、どれも無効です",
		Explanation: "受信側は 2 つのレコードを間違いと見なし、どちらも使いません (RFC 7208 4.5 節)。ドメインのメールは偽物のように扱われます。{domain} が include するレコードの場合もあります。",
		Advice:      []string{"{domain} の DNS の管理者に連絡してください。メールソフトの設定では直りません。"},
		AdminAdvice: []string{"TXT レコードを 1 つにまとめてください。\"v=spf1\"、両方の項目、最後に \"-all\" か \"~all\" を 1 つ書き、もう一方は削除します。"},
	}},
	{report.PolicySPFSyntax, Words{
		Title:       "the SPF record of {domain} has a mistake",
		Explanation: "Receivers stop at the mistake and use nothing of the record: mail of the domain is treated as if it were forged. It may be in a record that {domain} includes.",
		Advice:      []string{"Tell whoever runs the DNS of {domain}; nothing in your mail program can help."},
		AdminAdvice: []string{"Correct the TXT record that begins with v=spf1. Its terms are: ip4:ADDRESS, ip6:ADDRESS, a, mx, include:DOMAIN, redirect=DOMAIN, and -all or ~all at the end, with one blank between them."},
	}, Words{
		Title:       "{domain} の SPF レコードに間違いがあります",
		Explanation: "受信側は間違いの所で止まり、レコードをまったく使いません。ドメインのメールは偽物のように扱われます。{domain} が include するレコードの間違いの場合もあります。",
		Advice:      []string{"{domain} の DNS の管理者に連絡してください。メールソフトの設定では直りません。"},
		AdminAdvice: []string{"v=spf1 で始まる TXT レコードを直してください。書ける項目: ip4:ADDRESS, ip6:ADDRESS, a, mx, include:DOMAIN, redirect=DOMAIN 最後に -all か ~all を書き、空白 1 つで区切ります。"},
	}},
	{report.PolicySPFLookups, Words{
		Title:       "the SPF record of {domain} needs too many lookups",
		Explanation: "Its include, a, mx, ptr, exists and redirect, those inside included records too, may need 10 questions to the DNS (RFC 7208 section 4.6.4). Receivers stop there and use nothing of the record.",
		Advice:      []string{"Tell whoever runs the DNS of {domain}; nothing in your mail program can help."},
		AdminAdvice: []string{
			"Take out of the record what no longer sends, a and mx first: often nothing is sent from there.",
			"Let services that send much use a subdomain of their own, with an SPF record of its own.",
		},
	}, Words{
		Title:       "{domain} の SPF レコードは DNS への問い合わせが多すぎます",
		Explanation: "include, a, mx, ptr, exists, redirect は、include 先も含めて 10 回までの問い合わせに収める決まりです (RFC 7208 4.6.4 節)。受信側はそこで止まり、レコードを使いません。",
		Advice:      []string{"{domain} の DNS の管理者に連絡してください。メールソフトの設定では直りません。"},
		AdminAdvice: []string{
			"もう送信していないものをレコードから外してください。まず「a」と「mx」です。そこからは送信していないことがよくあります。",
			"多く送信するサービスには専用のサブドメインを使わせ、そこに別の SPF レコードを置いてください。",
		},
	}},
	{report.PolicySPFVoidLookups, Words{
		Title:       "the SPF record of {domain} names hosts that do not exist",
		Explanation: "More than two names in it lead nowhere. Many receivers then use nothing of the record (RFC 7208 section 4.6.4).",
		Advice:      []string{"Tell whoever runs the DNS of {domain}; nothing in your mail program can help."},
		AdminAdvice: []string{"Take the names that no longer exist out of the TXT record that begins with v=spf1."},
	}, Words{
		Title:       "{domain} の SPF レコードに存在しない名前があります",
		Explanation: "3 つ以上の名前が見つかりません。多くの受信側は、その場合レコードをまったく使いません (RFC 7208 4.6.4 節)。",
		Advice:      []string{"{domain} の DNS の管理者に連絡してください。メールソフトの設定では直りません。"},
		AdminAdvice: []string{"v=spf1 で始まる TXT レコードから、もう存在しない名前を外してください。"},
	}},
	{report.PolicySPFAnybody, Words{
		Title:       "{domain} lets anybody send in its name (SPF)",
		Explanation: "Its record ends in +all: every computer is named as a sender of its mail. Spam uses such domains, and receivers trust their mail less.",
		Advice:      []string{"Tell whoever runs the DNS of {domain}; nothing in your mail program can help."},
		AdminAdvice: []string{"Write ~all for +all in the TXT record of {domain}, and -all when all that sends its mail is named before it."},
	}, Words{
		Title:       "{domain} は誰でも名乗って送信できます (SPF)",
		Explanation: "レコードの最後が +all なので、すべてのコンピューターが送信者として認められています。このようなドメインは迷惑メールに使われ、受信側の信用が下がります。",
		Advice:      []string{"{domain} の DNS の管理者に連絡してください。メールソフトの設定では直りません。"},
		AdminAdvice: []string{"{domain} の TXT レコードの +all を ~all に変え、送信するものをすべてその前に書いたら -all にしてください。"},
	}},
	{report.PolicySPFPTR, Words{
		Title:       "the SPF record of {domain} uses ptr",
		Explanation: "It is slow and unreliable, and not to be used any more (RFC 7208 section 5.5): some receivers pass over it, so that genuine mail fails.",
		Advice:      []string{"Tell whoever runs the DNS of {domain}; nothing in your mail program can help."},
		AdminAdvice: []string{"Replace ptr in the TXT record of {domain} by the addresses of the servers that send: ip4:ADDRESS, ip6:ADDRESS, a or mx."},
	}, Words{
		Title:       "{domain} の SPF レコードが ptr を使っています",
		Explanation: "遅くて確実でないため、もう使わないことになっています (RFC 7208 5.5 節)。無視する受信側があり、本物のメールが失敗します。",
		Advice:      []string{"{domain} の DNS の管理者に連絡してください。メールソフトの設定では直りません。"},
		AdminAdvice: []string{"{domain} の TXT レコードの ptr を、送信するサーバーのアドレスに置き換えてください: ip4:ADDRESS, ip6:ADDRESS, a, mx"},
	}},
	{report.PolicyDKIMKey, Words{
		Title:       "the key for the signature of your mail is missing or broken (DKIM)",
		Explanation: "Your mail is signed, but the key to check the signature with is not in the DNS as it should be. Receivers take such mail as unsigned, and may take it for spam.",
		Advice:      []string{"Tell whoever runs the DNS of {domain}; nothing in your mail program can help."},
		AdminAdvice: []string{"Enter the TXT record that the signing server or service gives (v=DKIM1; k=rsa; p=...) at the name that is shown, whole and in one record. Long ones are split into strings of 255 characters."},
	}, Words{
		Title:       "メールの署名を確認する鍵がないか、壊れています (DKIM)",
		Explanation: "メールには署名がありますが、確認するための鍵が DNS に正しく登録されていません。受信側は署名のないメールと見なし、迷惑メールと判断することがあります。",
		Advice:      []string{"{domain} の DNS の管理者に連絡してください。メールソフトの設定では直りません。"},
		AdminAdvice: []string{"署名するサーバーやサービスが示す TXT レコード (v=DKIM1; k=rsa; p=...) を、表示された名前に、全体を 1 つのレコードとして登録してください。長いものは 255 文字ごとの文字列に分けます。"},
	}},
	{report.PolicyDMARCMissing, Words{
		Title:       "{domain} does not say what to do with forged mail (DMARC)",
		Explanation: "Gmail, Yahoo and Outlook.com want a DMARC record of everybody who sends many mails. Without one, mail of the domain reaches the junk folder sooner, and forged mail is not kept back.",
		Advice:      []string{"Is the domain your own? Enter the record; otherwise tell whoever runs the DNS of {domain}."},
		AdminAdvice: []string{"Enter a TXT record at _dmarc.{domainname}: \"v=DMARC1; p=none; rua=mailto:dmarc@{domainname}\". When the reports show that genuine mail passes, write p=quarantine for p=none."},
	}, Words{
		Title:       "{domain} は偽のメールの扱いを示していません (DMARC)",
		Explanation: "Gmail、Yahoo、Outlook.com は、多く送信する人に DMARC レコードを求めています。ないと、ドメインのメールは迷惑メールになりやすく、偽のメールも止まりません。",
		Advice:      []string{"ご自分のドメインですか。レコードを登録してください。そうでなければ {domain} の DNS の管理者に連絡してください。"},
		AdminAdvice: []string{"_dmarc.{domainname} に TXT レコードを登録してください: \"v=DMARC1; p=none; rua=mailto:dmarc@{domainname}\" レポートで本物のメールの合格を確認したら、p=none を p=quarantine に変えます。"},
	}},
	{report.PolicyDMARCSeveral, Words{
		Title:       "{domain} has more than one DMARC record, so that none counts",
		Explanation: "Receivers use none of several (RFC 7489 section 6.6.3): it is as if {domain} had no DMARC record.",
		Advice:      []string{"Tell whoever runs the DNS of {domain}; nothing in your mail program can help."},
		AdminAdvice: []string{"Keep one TXT record at _dmarc.{domainname} that begins with v=DMARC1, and delete the others. Several addresses for reports stand in one rua=, with commas."},
	}, Words{
		Title:       "{domain} の DMARC レコードが複数あり、どれも無効です",
		Explanation: "受信側は、複数あるとどれも使いません (RFC 7489 6.6.3 節)。{domain} に DMARC レコードがないのと同じです。",
		Advice:      []string{"{domain} の DNS の管理者に連絡してください。メールソフトの設定では直りません。"},
		AdminAdvice: []string{"_dmarc.{domainname} の v=DMARC1 で始まる TXT レコードを 1 つだけ残し、ほかは削除してください。レポートの宛先が複数ある場合は、1 つの rua= にコンマで区切って書きます。"},
	}},
	{report.PolicyDMARCSyntax, Words{
		Title:       "the DMARC record of {domain} has a mistake",
		Explanation: "Receivers pass over a record that they cannot read: it is as if {domain} had none, or no address for reports.",
		Advice:      []string{"Tell whoever runs the DNS of {domain}; nothing in your mail program can help."},
		AdminAdvice: []string{"Correct the TXT record at _dmarc.{domainname}: \"v=DMARC1; p=none; rua=mailto:dmarc@{domainname}\". v= stands first, p= is none, quarantine or reject, and each address has mailto: before it."},
	}, Words{
		Title:       "{domain} の DMARC レコードに間違いがあります",
		Explanation: "受信側は読めないレコードを無視します。{domain} にレコードがないか、レポートの宛先がないのと同じです。",
		Advice:      []string{"{domain} の DNS の管理者に連絡してください。メールソフトの設定では直りません。"},
		AdminAdvice: []string{"_dmarc.{domainname} の TXT レコードを直してください: \"v=DMARC1; p=none; rua=mailto:dmarc@{domainname}\" v= を先頭に書き、p= は none, quarantine, reject のどれか、宛先にはそれぞれ mailto: を付けます。"},
	}},
	{report.PolicyMTASTSRecord, Words{
		Title:       "the MTA-STS record of {domain} has a mistake",
		Explanation: "Senders that cannot read the record act as if {domain} had no policy: its mail is delivered, but without the protection from eavesdroppers.",
		Advice:      []string{"Nothing needs to be changed on your side; tell whoever runs the DNS of {domain}."},
		AdminAdvice: []string{"Keep one TXT record at _mta-sts.{domainname}: \"v=STSv1; id=20260101000000;\". The id has up to 32 letters and digits, and nothing else; it changes with the policy."},
	}, Words{
		Title:       "{domain} の MTA-STS レコードに間違いがあります",
		Explanation: "レコードを読めない送信者は、{domain} にポリシーがないものとして扱います。メールは届きますが、盗聴からは守られません。",
		Advice:      []string{"お手元で変更するものはありません。{domain} の DNS の管理者に連絡してください。"},
		AdminAdvice: []string{"_mta-sts.{domainname} に TXT レコードを 1 つだけ置いてください: \"v=STSv1; id=20260101000000;\" id は 32 文字までの英字と数字だけで、ポリシーとともに変えます。"},
	}},
	{report.PolicyMTASTSUnreachable, Words{
		Title:       "the MTA-STS policy of {domain} cannot be fetched",
		Explanation: "The DNS says that there is a policy, and the web server does not give it. Senders act as if there were none; those that know an older one go on with that.",
		Advice:      []string{"Nothing needs to be changed on your side; tell whoever runs the mail of {domain}."},
		AdminAdvice: []string{"See that https://mta-sts.{domainname}/.well-known/mta-sts.txt gives the policy, with a valid certificate for mta-sts.{domainname} and without a redirect, which senders do not follow."},
	}, Words{
		Title:       "{domain} の MTA-STS ポリシーを取得できません",
		Explanation: "DNS にはポリシーがあると書かれていますが、Web サーバーから得られません。送信者はポリシーがないものとして扱い、古いものを知っている送信者はそれを使い続けます。",
		Advice:      []string{"お手元で変更するものはありません。{domain} のメールの管理者に連絡してください。"},
		AdminAdvice: []string{"https://mta-sts.{domainname}/.well-known/mta-sts.txt でポリシーが得られることを確認してください。mta-sts.{domainname} の有効な証明書が必要で、転送 (リダイレクト) は使えません。"},
	}},
	{report.PolicyMTASTSSyntax, Words{
		Title:       "the MTA-STS policy of {domain} has a mistake",
		Explanation: "Senders that cannot read the policy act as if there were none: mail is delivered, but without the protection from eavesdroppers.",
		Advice:      []string{"Nothing needs to be changed on your side; tell whoever runs the mail of {domain}."},
		AdminAdvice: []string{"Write the file https://mta-sts.{domainname}/.well-known/mta-sts.txt as text/plain, a line each: \"version: STSv1\", \"mode: enforce\", \"mx: HOST\" for each mail server, \"max_age: 604800\"."},
	}, Words{
		Title:       "{domain} の MTA-STS ポリシーに間違いがあります",
		Explanation: "ポリシーを読めない送信者は、ないものとして扱います。メールは届きますが、盗聴からは守られません。",
		Advice:      []string{"お手元で変更するものはありません。{domain} のメールの管理者に連絡してください。"},
		AdminAdvice: []string{"https://mta-sts.{domainname}/.well-known/mta-sts.txt を text/plain とし、1 行ずつ書いてください: \"version: STSv1\", \"mode: enforce\", メールサーバーごとに \"mx: HOST\", \"max_age: 604800\""},
	}},
	{report.PolicyMTASTSHost, Words{
		Title:       "the MTA-STS policy of {domain} leaves out mail servers that it has",
		Explanation: "Senders that honour the policy (Gmail, Microsoft 365 and others) deliver only to the hosts that it names. When it names none of the domain's MX, their mail does not arrive.",
		Advice:      []string{"Tell whoever runs the mail of {domain}; nothing in your mail program can help."},
		AdminAdvice: []string{"Name each MX of {domain} in https://mta-sts.{domainname}/.well-known/mta-sts.txt with a line \"mx: HOST\", and change the id in the TXT record of _mta-sts.{domainname}"},
	}, Words{
		Title:       "{domain} の MTA-STS ポリシーにないメールサーバーがあります",
		Explanation: "ポリシーを守る送信者 (Gmail、Microsoft 365 など) は、そこに書かれたホストにだけ届けます。ドメインの MX が 1 つも書かれていないと、そこからのメールは届きません。",
		Advice:      []string{"{domain} のメールの管理者に連絡してください。メールソフトの設定では直りません。"},
		AdminAdvice: []string{"{domain} の MX のそれぞれを https://mta-sts.{domainname}/.well-known/mta-sts.txt に \"mx: HOST\" の行で書き、_mta-sts.{domainname} の TXT レコードの id を変えてください。"},
	}},
	{report.PolicyTLSRPTSyntax, Words{
		Title:       "the TLS-RPT record of {domain} has a mistake",
		Explanation: "It should say whom senders tell when encryption fails. As it is, they tell nobody; mail is delivered all the same.",
		Advice:      []string{"Nothing needs to be changed on your side; tell whoever runs the DNS of {domain}."},
		AdminAdvice: []string{"Keep one TXT record at _smtp._tls.{domainname}: \"v=TLSRPTv1; rua=mailto:tlsrpt@{domainname}\""},
	}, Words{
		Title:       "{domain} の TLS-RPT レコードに間違いがあります",
		Explanation: "暗号化の失敗を誰に知らせるかを示すものです。このままでは誰にも知らされませんが、メールは届きます。",
		Advice:      []string{"お手元で変更するものはありません。{domain} の DNS の管理者に連絡してください。"},
		AdminAdvice: []string{"_smtp._tls.{domainname} に TXT レコードを 1 つだけ置いてください: \"v=TLSRPTv1; rua=mailto:tlsrpt@{domainname}\""},
	}},
	{report.PolicyDANEMismatch, Words{
		Title:       "the certificate of {host} is not the one in its DNS (DANE)",
		Explanation: "The signed DNS names the certificates that {host} may show (TLSA records), and it shows another one, mostly after a renewal. Senders that check this (Microsoft 365, GMX, many in Europe) do not deliver.",
		Advice:      []string{"Tell whoever runs the mail servers of {domain} at once; nothing in your mail program can help."},
		AdminAdvice: []string{
			"Enter the TLSA record of the certificate that {host} shows now at _25._tcp.{host} (tlsa --create --selector 1 --port 25 {host}).",
			"Let renewals keep the key (certbot: --reuse-key), or enter the record of the next key two days before it is used.",
		},
	}, Words{
		Title:       "{host} の証明書が DNS のものと違います (DANE)",
		Explanation: "署名された DNS が {host} の証明書を指定していますが (TLSA レコード)、別の証明書です。多くは更新の後に起こります。これを確認する送信者 (Microsoft 365、GMX など) は届けません。",
		Advice:      []string{"すぐに {domain} のメールサーバーの管理者に連絡してください。メールソフトの設定では直りません。"},
		AdminAdvice: []string{
			"{host} の現在の証明書の TLSA レコードを _25._tcp.{host} に登録してください (tlsa --create --selector 1 --port 25 {host})。",
			"更新のときに鍵を変えないか (certbot では --reuse-key)、次の鍵のレコードを使い始める 2 日前に登録してください。",
		},
	}},
	{report.PolicyDANEUnusable, Words{
		Title:       "senders cannot use the TLSA records of {host} (DANE)",
		Explanation: "None of them has a form that mail servers know (RFC 7672 section 3.1). Senders demand encryption then, but check no certificate.",
		Advice:      []string{"Nothing needs to be changed on your side; tell whoever runs the mail servers of {domain}."},
		AdminAdvice: []string{"Enter TLSA records of the form \"3 1 1 SHA256\" at _25._tcp.{host} (tlsa --create --selector 1 --port 25 {host})."},
	}, Words{
		Title:       "送信者は {host} の TLSA レコードを使えません (DANE)",
		Explanation: "どのレコードも、メールサーバーが知っている形ではありません (RFC 7672 3.1 節)。送信者は暗号化を求めますが、証明書は確認しません。",
		Advice:      []string{"お手元で変更するものはありません。{domain} のメールサーバーの管理者に連絡してください。"},
		AdminAdvice: []string{"\"3 1 1 SHA256\" の形の TLSA レコードを _25._tcp.{host} に登録してください (tlsa --create --selector 1 --port 25 {host})。"},
	}},
}
