package diagnose

import "mailcheck/report"

// submitCauses: senders and recipients that a server refuses.
var submitCauses = []entry{
	{report.SubmitAuthRequired, Words{
		Title:       "{host} wants a login before it takes mail",
		Explanation: "The sender or the recipient was refused because nobody was logged in.",
		Advice: []string{
			"In the mail program switch on \"my outgoing server requires authentication\", with the user name and password for receiving.",
			"Use port {tlsport} with SSL/TLS, or {startport} with STARTTLS. Port 25 is for servers.",
		},
	}, Words{
		Title:       "{host} はメールを受け付ける前にログインを求めています",
		Explanation: "誰もログインしていないため、送信者または受信者が断られました。",
		Advice: []string{
			"メールソフトで「送信サーバーは認証が必要」をオンにし、受信と同じユーザー名とパスワードを設定してください。",
			"ポート {tlsport} と SSL/TLS、またはポート {startport} と STARTTLS を使ってください。ポート 25 はサーバー同士の通信用です。",
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
	}, Words{
		Title:       "{host} はこの宛先へのメールを取り次ぎません",
		Explanation: "外部宛てのメールは、知っている利用者からしか受け付けません。ログインしていないか、送信の権限がないか、このサーバーは別のアドレス用です。",
		Advice: []string{
			"メールソフトで「送信サーバーは認証が必要」をオンにしてください。",
			"このアドレスのメールサービスの送信サーバーを、ポート {tlsport} または {startport} で使ってください。ポート 25 や、回線事業者のサーバーは使わないでください。",
			"すでにログインしている場合は、このアカウントで送信できるかどうかをメールサービスに問い合わせてください。",
		},
		AdminAdvice: []string{"{host} で、ログインした利用者の中継を許可してください (Postfix: permit_sasl_authenticated を reject_unauth_destination の前に置く)。"},
	}},
	{report.SubmitSenderNotOwned, Words{
		Title:       "this login may not use this sender address",
		Explanation: "The login was accepted; the server says that {sender} is no sender address of this account.",
		Advice: []string{
			"Set the sender address to that of the account which logs in ({user}).",
			"Is it another address of yours? Add it as an alias or sender address in the provider's web settings.",
			"A peculiarity of {provider}: {catch}",
			"What {provider} says about sending: {sendingpage}",
		},
		AdminAdvice: []string{"Give {user} the right to use the sender address, or correct the address."},
	}, Words{
		Title:       "このログインではこの送信者アドレスを使えません",
		Explanation: "ログインは受け付けられましたが、{sender} はこのアカウントの送信者アドレスではない、とサーバーが言っています。",
		Advice: []string{
			"送信者アドレスを、ログインするアカウントのもの ({user}) にしてください。",
			"ご自分の別のアドレスですか。メールサービスの Web の設定で、別名 (エイリアス) または送信者アドレスとして追加してください。",
			"{provider} の注意点: {catch}",
			"送信についての {provider} の説明: {sendingpage}",
		},
		AdminAdvice: []string{"{user} に送信者アドレスを使う権限を与えるか、アドレスを直してください。"},
	}},
	{report.SubmitSenderDomainInvalid, Words{
		Title:       "the domain of the sender does not exist",
		Explanation: "The server looked the sender's domain up and found nothing that takes mail.",
		Advice: []string{
			"Check the sender address in the mail program, letter by letter, above all after the @.",
			"Is the domain your own? Look at the company where you rent it whether it has been renewed.",
		},
		AdminAdvice: []string{"Give the sender's domain an MX record, and see that its DNS answers everywhere."},
	}, Words{
		Title:       "送信者のドメインが存在しません",
		Explanation: "サーバーが送信者のドメインを調べたところ、メールを受け取るものが何も見つかりませんでした。",
		Advice: []string{
			"メールソフトの送信者アドレスを、特に @ より後を、1 文字ずつ確認してください。",
			"ご自分のドメインですか。ドメインを契約している会社で、更新されているかどうかを確認してください。",
		},
		AdminAdvice: []string{"送信者のドメインに MX レコードを登録し、DNS がどこからでも応答することを確認してください。"},
	}},
	{report.SubmitSenderAuthFailed, Words{
		Title:       "the sender could not be verified (SPF, DKIM or DMARC)",
		Explanation: "The receiving side checked whether the message really comes from the sender's domain, and the answer was no.",
		Advice: []string{
			"Send only by the outgoing server of the provider of your address ({address}).",
			"Is the mail forwarded or sent by a web site? Let that use an address of its own as the sender.",
			"Is the domain your own? Tell whoever runs its DNS.",
		},
		AdminAdvice: []string{"Name the sending servers of {domain} in its SPF record, sign with DKIM, and see that both fit the sender's domain (DMARC)."},
	}, Words{
		Title:       "送信者を確認できませんでした (SPF、DKIM、DMARC)",
		Explanation: "受信側が、メッセージが本当に送信者のドメインから来たかどうかを調べ、そうではないと判断しました。",
		Advice: []string{
			"送信には、このアドレス ({address}) のメールサービスの送信サーバーだけを使ってください。",
			"転送されたメールか、Web サイトから送られたメールですか。その場合は、そちらのアドレスを送信者にしてください。",
			"ご自分のドメインですか。DNS の管理者に伝えてください。",
		},
		AdminAdvice: []string{"{domain} の SPF レコードに送信サーバーを書き、DKIM で署名し、どちらも送信者のドメインに合うこと (DMARC) を確認してください。"},
	}},
	{report.SubmitRecipientUnknown, Words{
		Title:       "the recipient does not exist",
		Explanation: "The server says that there is no such mailbox.",
		Advice: []string{
			"Check the recipient's address, letter by letter.",
			"If it is your own address, the account has been removed or renamed, or this server is not the one for your domain: ask the provider.",
		},
		AdminAdvice: []string{"See that the mailbox or alias exists on {host}, and that the domain is entered there as its own."},
	}, Words{
		Title:       "宛先が存在しません",
		Explanation: "サーバーによると、そのようなメールボックスはありません。",
		Advice: []string{
			"宛先のアドレスを 1 文字ずつ確認してください。",
			"ご自分のアドレスの場合は、アカウントが削除されたか、名前が変わったか、サーバーがドメインのものではありません。メールサービスに問い合わせてください。",
		},
		AdminAdvice: []string{"{host} にメールボックスまたは別名 (エイリアス) があり、ドメインがそのサーバーのものとして登録されていることを確認してください。"},
	}},
	{report.SubmitRecipientDisabled, Words{
		Title:       "the recipient takes no mail",
		Explanation: "The mailbox exists, but it is closed, not used any more, or open to certain senders only.",
		Advice: []string{
			"Ask the recipient in another way, or use another address.",
			"Is it your own address? Log in on the provider's web page: the account may be suspended, or may be waiting for its first login.",
		},
		AdminAdvice: []string{"See on {host} whether the mailbox is active, and who may send to it."},
	}, Words{
		Title:       "宛先はメールを受け取りません",
		Explanation: "メールボックスはありますが、閉じられているか、使われていないか、決まった送信者からしか受け取りません。",
		Advice: []string{
			"相手に別の方法で連絡するか、別のアドレスを使ってください。",
			"ご自分のアドレスですか。メールサービスの Web ページにログインしてください。アカウントが停止されているか、最初のログインを待っているのかもしれません。",
		},
		AdminAdvice: []string{"{host} でメールボックスが有効かどうか、誰からのメールを受け取る設定かを確認してください。"},
	}},
	{report.SubmitRecipientQuota, Words{
		Title:       "the mailbox of the recipient is full",
		Explanation: "The server does not take the message, because there is no room for it.",
		Advice: []string{
			"Is it your own address? Delete large and old mail on the provider's web page, and empty Trash and Junk.",
			"Is it another person's? Tell them in another way, and send again later.",
		},
		AdminAdvice: []string{"Raise the quota of the mailbox, or help to clear it."},
	}, Words{
		Title:       "宛先のメールボックスがいっぱいです",
		Explanation: "空きがないため、サーバーがメッセージを受け付けません。",
		Advice: []string{
			"ご自分のアドレスですか。メールサービスの Web ページで大きいメールや古いメールを削除し、ごみ箱と迷惑メールを空にしてください。",
			"ほかの人のアドレスですか。別の方法で相手に知らせ、後でもう一度送ってください。",
		},
		AdminAdvice: []string{"メールボックスの容量を増やすか、整理を手伝ってください。"},
	}},
}
