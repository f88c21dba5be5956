package diagnose

import "mailcheck/report"

// messageCauses: messages that a server does not take, or not now or from here.
var messageCauses = []entry{
	{report.SubmitRateLimited, Words{
		Title:       "{host} takes no more mail for the moment",
		Explanation: "Too many messages or recipients in a short time, from this account, from this line or to this recipient. It passes.",
		Advice: []string{
			"Wait an hour, and send fewer messages at a time.",
			"Did you not send that many? Then somebody else may be using the account: set a new password, and look at \"Sent\".",
			"If it lasts, ask the provider for the limits of the account.",
		},
		AdminAdvice: []string{"Look in the log of {host} which limit was reached, and by whom: an account that sends spam must be stopped first."},
	}, Words{
		Title:       "{host} は今、これ以上メールを受け付けません",
		Explanation: "このアカウント、この回線、またはこの宛先について、短い時間にメッセージや宛先が多すぎます。時間がたてば送れるようになります。",
		Advice: []string{
			"1 時間待ち、一度に送る数を減らしてください。",
			"それほど送った覚えがありませんか。ほかの誰かがアカウントを使っているのかもしれません。新しいパスワードを設定し、「送信済み」を見てください。",
			"続く場合は、アカウントの上限をメールサービスに問い合わせてください。",
		},
		AdminAdvice: []string{"どの上限に、誰が達したかを {host} のログで確認してください。迷惑メールを送るアカウントがあれば、先に止めてください。"},
	}},
	{report.SubmitDailyLimit, Words{
		Title:       "the limit of messages for this account is used up",
		Explanation: "The provider lets the account send only so many messages, or to so many recipients, in a day.",
		Advice: []string{
			"Wait 24 hours, then run: mailcheck {address}",
			"Did you not send that many? Then somebody else may be using the account: set a new password, and look at \"Sent\".",
			"For newsletters use a service that is made for them, or a larger plan.",
			"What {provider} says about sending: {sendingpage}",
		},
		AdminAdvice: []string{"Look at the sending limits of {user}, and whether the account was misused."},
	}, Words{
		Title:       "このアカウントで送れる数の上限に達しました",
		Explanation: "メールサービスは、1 日に送れるメッセージや宛先の数を決めています。",
		Advice: []string{
			"24 時間待ってから実行してください: mailcheck {address}",
			"それほど送った覚えがありませんか。ほかの誰かがアカウントを使っているのかもしれません。新しいパスワードを設定し、「送信済み」を見てください。",
			"メールマガジンには、専用のサービスか、上位のプランを使ってください。",
			"送信についての {provider} の説明: {sendingpage}",
		},
		AdminAdvice: []string{"{user} の送信の上限と、アカウントが不正に使われていないかを確認してください。"},
	}},
	{report.SubmitAccountRestricted, Words{
		Title:       "the account may not send",
		Explanation: "The login worked, but the provider has not opened the account for sending, or has closed it: not activated, not verified, unpaid, or blocked after misuse.",
		Advice: []string{
			"Log in on the provider's web page. It mostly says there what is missing: a confirmation, a phone number, a payment.",
			"Was the account misused? Set a new password, sign out everywhere, and ask the provider to unblock it.",
			"At a sending service: verify the sender's domain, and leave its test mode (sandbox).",
		},
		AdminAdvice: []string{"Look why {user} is restricted (Microsoft 365: https://security.microsoft.com/restrictedentities), clean up, then unblock."},
	}, Words{
		Title:       "このアカウントは送信できません",
		Explanation: "ログインはできましたが、メールサービスがこのアカウントの送信をまだ許可していないか、止めています。有効化、本人確認、支払いが済んでいないか、不正利用で止められています。",
		Advice: []string{
			"メールサービスの Web ページにログインしてください。足りないもの (確認、電話番号、支払い) がたいてい表示されます。",
			"アカウントが不正に使われましたか。新しいパスワードを設定し、すべての端末からサインアウトし、メールサービスに解除を依頼してください。",
			"送信専用のサービスの場合は、送信者のドメインを認証し、テストモード (サンドボックス) を終えてください。",
		},
		AdminAdvice: []string{"{user} が制限された理由を確認し (Microsoft 365: https://security.microsoft.com/restrictedentities)、対処してから解除してください。"},
	}},
	{report.SubmitMessageTooLarge, Words{
		Title:       "{host} finds the message too large",
		Explanation: "The test message has only a few thousand characters, so the limit of this account is far too low, or used up.",
		Advice:      []string{"Ask the provider for the size limit of the account."},
		AdminAdvice: []string{"Raise the message size limit on {host}, and check the free space of its queue."},
	}, Words{
		Title:       "{host} によると、メッセージが大きすぎます",
		Explanation: "テストメッセージは数千文字しかないため、このアカウントの上限が小さすぎるか、使い切られています。",
		Advice:      []string{"アカウントのサイズの上限を、メールサービスに問い合わせてください。"},
		AdminAdvice: []string{"{host} のメッセージサイズの上限を上げ、キューの空き容量を確認してください。"},
	}},
	{report.SubmitMessageFormat, Words{
		Title:       "{host} does not like the form of the message",
		Explanation: "The server found something in the message or its addresses that it does not allow: characters in an address, a missing header, or too long a line.",
		Advice: []string{
			"Check sender and recipient for blanks and unusual characters.",
			"Read the server's words: they mostly name the part.",
			"Does it happen with the message of mailcheck alone? Then report it to the makers of mailcheck, with the output of: mailcheck --transcript --redact {address}",
		},
		AdminAdvice: []string{"Look in the log of {host} which check failed; for addresses outside ASCII the server needs SMTPUTF8 (RFC 6531)."},
	}, Words{
		Title:       "{host} がメッセージの形式を受け付けません",
		Explanation: "メッセージまたはアドレスに、サーバーが認めないもの (アドレスの文字、足りないヘッダー、長すぎる行) がありました。",
		Advice: []string{
			"送信者と宛先に、空白や特殊な文字がないかどうかを確認してください。",
			"サーバーの応答を読んでください。どの部分かがたいてい書かれています。",
			"mailcheck のメッセージだけで起きますか。その場合は、次の出力を添えて mailcheck の作者に報告してください: mailcheck --transcript --redact {address}",
		},
		AdminAdvice: []string{"どの検査で断られたかを {host} のログで確認してください。ASCII 以外のアドレスには SMTPUTF8 (RFC 6531) が必要です。"},
	}},
	{report.SubmitSpamPolicy, Words{
		Title:       "{host} refused the message as unwanted",
		Explanation: "The login worked; a filter for spam or a rule of the provider turned the message away.",
		Advice: []string{
			"Read the server's words: they often name the rule, or a page about it.",
			"Send a message to yourself on the provider's web page. If that fails too, the account is restricted: ask the provider.",
			"Switch any VPN off: the address of a VPN is often on a block list.",
		},
		AdminAdvice: []string{"Look in the filter's log of {host} which rule matched; mail from logged-in users should pass lighter ones."},
	}, Words{
		Title:       "{host} がメッセージを迷惑メールとして断りました",
		Explanation: "ログインはできましたが、迷惑メールのフィルターかメールサービスの規則がメッセージを断りました。",
		Advice: []string{
			"サーバーの応答を読んでください。規則や説明のページが書かれていることがよくあります。",
			"メールサービスの Web ページから自分宛てにメールを送ってください。それも失敗する場合は、アカウントが制限されています。メールサービスに問い合わせてください。",
			"VPN を切ってください。VPN の IP アドレスは、よくブロックリストに載っています。",
		},
		AdminAdvice: []string{"どの規則に該当したかを {host} のフィルターのログで確認してください。ログインした利用者のメールには、緩い規則を使ってください。"},
	}},
	{report.SubmitGreylisted, Words{
		Title:       "{host} wants the message to be sent again in some minutes",
		Explanation: "The server delays senders that it does not know (greylisting). That is no fault: mail servers try again by themselves.",
		Advice: []string{
			"Wait 15 minutes, then run: mailcheck {address}",
			"In the mail program use your provider's outgoing server with a login (port {tlsport} or {startport}): that one does not greylist you.",
		},
		AdminAdvice: []string{"Take logged-in users on {host} out of greylisting."},
	}, Words{
		Title:       "{host} は、数分後にもう一度送るよう求めています",
		Explanation: "サーバーは、知らない送信者を待たせます (グレーリスト)。異常ではありません。メールサーバーは自動で送り直します。",
		Advice: []string{
			"15 分待ってから実行してください: mailcheck {address}",
			"メールソフトでは、ログインして使うメールサービスの送信サーバー (ポート {tlsport} または {startport}) を使ってください。そこでは待たされません。",
		},
		AdminAdvice: []string{"{host} で、ログインした利用者をグレーリストの対象から外してください。"},
	}},
	{report.SubmitRDNSRejected, Words{
		Title:       "{host} wants the address of this line to have a name",
		Explanation: "The server takes mail only from addresses whose reverse DNS name (PTR) is right. Home and mobile lines mostly have none that counts.",
		Advice: []string{
			"In the mail program use your provider's outgoing server with a login: port {tlsport} with SSL/TLS, or {startport} with STARTTLS. Port 25 is for servers.",
			"Switch any VPN off.",
			"Do you run a mail server here? Ask the provider of its line to set its PTR record.",
		},
		AdminAdvice: []string{"Set a PTR record for the sending address, and an A or AAAA record for that name that leads back to it."},
	}, Words{
		Title:       "{host} は、この回線の IP アドレスに名前があることを求めています",
		Explanation: "サーバーは、逆引きの名前 (PTR) が正しい IP アドレスからしかメールを受け付けません。家庭や携帯電話の回線には、たいてい通用する名前がありません。",
		Advice: []string{
			"メールソフトでは、ログインして使うメールサービスの送信サーバーを使ってください。ポート {tlsport} と SSL/TLS、またはポート {startport} と STARTTLS です。ポート 25 はサーバー同士の通信用です。",
			"VPN を切ってください。",
			"ここでメールサーバーを動かしていますか。PTR レコードの設定を、回線の事業者に依頼してください。",
		},
		AdminAdvice: []string{"送信する IP アドレスに PTR レコードを設定し、その名前に、同じ IP アドレスへ戻る A または AAAA レコードを登録してください。"},
	}},
	{report.SubmitHELORejected, Words{
		Title:       "{host} refuses the name by which the program greets it",
		Explanation: "The server checks the name that a program gives for its computer (EHLO), and this one is not good enough.",
		Advice: []string{
			"Give another one: mailcheck --helo NAME {address}, with a name that exists in the DNS.",
			"Use the port for mail programs, {tlsport} or {startport}: the name mostly counts at port 25 alone.",
			"Does your mail program fail in this way? Take blanks and letters outside a-z out of the computer's name.",
		},
		AdminAdvice: []string{"Do not check the EHLO name of logged-in users on {host} (Postfix: permit_sasl_authenticated before reject_invalid_helo_hostname)."},
	}, Words{
		Title:       "{host} が、ソフトの名乗る名前を断りました",
		Explanation: "サーバーは、ソフトが告げるコンピューターの名前 (EHLO) を調べますが、その名前では通りませんでした。",
		Advice: []string{
			"DNS にある名前で、別の名前を名乗ってください: mailcheck --helo NAME {address}",
			"メールソフト用のポート {tlsport} または {startport} を使ってください。名前が調べられるのは、たいていポート 25 だけです。",
			"メールソフトでも同じように失敗しますか。コンピューターの名前から、空白と a-z 以外の文字を取り除いてください。",
		},
		AdminAdvice: []string{"{host} で、ログインした利用者の EHLO の名前を調べないでください (Postfix: permit_sasl_authenticated を reject_invalid_helo_hostname の前に置く)。"},
	}},
	{report.SubmitLoop, Words{
		Title:       "the message goes round in circles",
		Explanation: "It was passed on too often: forwardings lead back to where they began.",
		Advice: []string{
			"Log in on the provider's web page, and look at forwarding and filter rules. Switch those off that lead to an address which sends back here.",
			"If there are none, tell the provider.",
		},
		AdminAdvice: []string{"See that the MX records of {domain} lead to the server that holds the mailbox, and that {host} has the domain as its own; then look at aliases and forwardings."},
	}, Words{
		Title:       "メッセージが同じ所を回り続けています",
		Explanation: "転送の回数が多すぎます。転送の先が、元の場所に戻っています。",
		Advice: []string{
			"メールサービスの Web ページにログインし、転送とフィルターの設定を見てください。ここへ送り返すアドレスへの転送をオフにしてください。",
			"なければ、メールサービスに連絡してください。",
		},
		AdminAdvice: []string{"{domain} の MX レコードがメールボックスのあるサーバーを指し、{host} にドメインが登録されていることを確認し、その後で別名 (エイリアス) と転送を確認してください。"},
	}},
}
