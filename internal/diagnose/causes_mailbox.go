package diagnose

import "mailcheck/report"

// mailboxCauses: mailboxes that do not open.
var mailboxCauses = []entry{
	{report.MailboxBackendRefused, Words{
		Title:       "the login worked, but the mailbox was not opened",
		Explanation: "The server took the sign-in and then refused the mailbox. The protocol is off for it, it has no licence, or the sign-in is for another account or service.",
		Advice: []string{
			"Is {protocol} switched on? {provider} has it here: {switch}",
			"{noswitch}Log in on the provider's web page, and see in the settings whether {protocol} is switched on.",
			"Is it the mailbox of a company? Ask its administrator whether {protocol} is allowed for it, and whether it has a licence.",
			"Was it a sign-in with the web browser? Then make it as the owner of the mailbox: mailcheck login {address}",
			"Is it a shared mailbox? Then log in as a user who has full access to it.",
			"Switch any VPN off: some are refused in this way.",
		},
		AdminAdvice: []string{"Check for {user}: {protocol} allowed (Exchange Online: Get-CASMailbox), a licence, the mailbox in this organisation, and the scopes of the token."},
	}, Words{
		Title:       "ログインはできましたが、メールボックスが開きませんでした",
		Explanation: "サーバーはサインインを受け付けた後、メールボックスを開くことを断りました。プロトコルがオフか、ライセンスがないか、サインインが別のアカウントかサービスのものです。",
		Advice: []string{
			"{protocol} はオンになっていますか。{provider} では、次の所にあります: {switch}",
			"{noswitch}メールサービスの Web ページにログインし、設定で {protocol} がオンかどうかを確認してください。",
			"会社のメールボックスですか。{protocol} が許可されているか、ライセンスがあるかを、管理者に問い合わせてください。",
			"Web ブラウザーでのサインインでしたか。その場合は、メールボックスの持ち主としてサインインしてください: mailcheck login {address}",
			"共有メールボックスですか。その場合は、フルアクセスの権限を持つユーザーとしてログインしてください。",
			"VPN を切ってください。VPN からの接続がこのように断られることがあります。",
		},
		AdminAdvice: []string{"{user} について確認してください: {protocol} の許可 (Exchange Online: Get-CASMailbox)、ライセンス、メールボックスがこの組織にあること、トークンのスコープ。"},
	}},
	{report.MailboxPermissionDenied, Words{
		Title:       "this login has no right to the mailbox",
		Explanation: "User name and password are right. The mailbox, or the service, is not open to this user.",
		Advice: []string{
			"Check the user name: {user} was used. Is it the owner of the mailbox?",
			"Is it a shared mailbox or another person's? Ask its administrator for the right to it.",
			"If it is your own, ask the provider, and quote the server's words.",
		},
		AdminAdvice: []string{"Give {user} the right to the mailbox, or to {protocol}, and look at the access lists (ACL) on {host}."},
	}, Words{
		Title:       "このログインにはメールボックスを使う権限がありません",
		Explanation: "ユーザー名とパスワードは正しいものです。メールボックスまたはサービスが、このユーザーに開かれていません。",
		Advice: []string{
			"ユーザー名を確認してください。今回は {user} を使いました。メールボックスの持ち主ですか。",
			"共有メールボックスや、ほかの人のものですか。管理者に権限を依頼してください。",
			"ご自分のものの場合は、サーバーの応答を添えてメールサービスに問い合わせてください。",
		},
		AdminAdvice: []string{"{user} にメールボックスまたは {protocol} の権限を与え、{host} のアクセス権 (ACL) を確認してください。"},
	}},
	{report.MailboxInUse, Words{
		Title:       "the mailbox is held by another program",
		Explanation: "The password is not the problem. The mailbox allows one program, or a small number of them, at a time.",
		Advice: []string{
			"Close other mail programs and phones that read this mailbox, wait ten minutes, then run mailcheck again.",
			"Let them look for mail less often, or use IMAP in place of POP3: it allows several at a time.",
		},
		AdminAdvice: []string{"Look for a hanging session or a left-over lock of {user}, and at the limit of connections a user."},
	}, Words{
		Title:       "別のソフトがメールボックスを使用中です",
		Explanation: "パスワードの問題ではありません。このメールボックスを同時に使えるソフトの数は、1 つか、ごくわずかです。",
		Advice: []string{
			"このメールボックスを読むほかのメールソフトやスマートフォンを閉じ、10 分待ってから、もう一度 mailcheck を実行してください。",
			"新着メールの確認の間隔を長くするか、POP3 の代わりに IMAP を使ってください。IMAP は同時に複数で使えます。",
		},
		AdminAdvice: []string{"{user} の残ったままのセッションやロックがないか、利用者ごとの接続数の上限はいくつかを確認してください。"},
	}},
	{report.MailboxQuota, Words{
		Title:       "the mailbox is full",
		Explanation: "Nothing new can be stored in it, and mail to it goes back to its senders.",
		Advice: []string{
			"Log in on the provider's web page and delete large and old mail, in Sent too. Then empty Trash and Junk: they count.",
			"With POP3, let the mail program delete messages from the server after some days.",
			"If you need more room, ask the provider for a larger mailbox.",
		},
		AdminAdvice: []string{"Raise the quota of {user}, or help to clear the mailbox."},
	}, Words{
		Title:       "メールボックスがいっぱいです",
		Explanation: "新しいメールを保存できず、届くはずのメールは送信者に戻されます。",
		Advice: []string{
			"メールサービスの Web ページにログインし、大きいメールや古いメールを、送信済みからも削除してください。その後、ごみ箱と迷惑メールも空にしてください。これらも容量に入ります。",
			"POP3 を使う場合は、数日後にサーバーからメールを削除するよう、メールソフトで設定してください。",
			"もっと容量が必要な場合は、メールサービスに問い合わせてください。",
		},
		AdminAdvice: []string{"{user} の容量を増やすか、メールボックスの整理を手伝ってください。"},
	}},
	{report.MailboxNotFound, Words{
		Title:       "the folder does not exist",
		Explanation: "The login worked. The folder, or the mailbox behind the login, is not there.",
		Advice: []string{
			"Log in on the provider's web page, and look whether the mailbox opens there. A new mailbox is often made by its first login.",
			"Is it a folder that was renamed or deleted? Choose another one in the mail program.",
			"If the inbox itself is missing, ask the provider.",
		},
		AdminAdvice: []string{"See that the mailbox of {user} exists on {host} and that its INBOX can be opened."},
	}, Words{
		Title:       "フォルダーがありません",
		Explanation: "ログインはできました。フォルダー、またはログインの先のメールボックスがありません。",
		Advice: []string{
			"メールサービスの Web ページにログインし、メールボックスが開くかどうかを見てください。新しいメールボックスは、最初のログインで作られることがあります。",
			"名前の変更や削除をしたフォルダーですか。メールソフトで別のフォルダーを選んでください。",
			"受信トレイそのものがない場合は、メールサービスに問い合わせてください。",
		},
		AdminAdvice: []string{"{user} のメールボックスが {host} にあり、INBOX を開けることを確認してください。"},
	}},
}
