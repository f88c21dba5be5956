package diagnose

import "mailcheck/report"

// accessCauses: accounts that may not log in, or not in this way or now.
var accessCauses = []entry{
	{report.AuthProtocolDisabled, Words{
		Title:       "{protocol} is switched off for this account",
		Explanation: "Many providers leave it off until it is switched on in the web settings.",
		Advice: []string{
			"At {provider} it is switched on here: {switch}",
			"{noswitch}Log in on the provider's web page, look in the settings for \"POP/IMAP\", \"SMTP\" or \"mail programs\", and switch {protocol} on.",
			"Wait some minutes, then run: mailcheck {address}",
		},
		AdminAdvice: []string{"Allow {protocol} for {user}."},
	}, Words{
		Title:       "このアカウントでは {protocol} がオフになっています",
		Explanation: "多くのメールサービスでは、Web の設定でオンにするまでオフになっています。",
		Advice: []string{
			"{provider} では、次の所でオンにします: {switch}",
			"{noswitch}メールサービスの Web ページにログインし、設定の「POP/IMAP」「SMTP」「メールソフト」などの項目で {protocol} をオンにしてください。",
			"数分待ってから実行してください: mailcheck {address}",
		},
		AdminAdvice: []string{"{user} に {protocol} を許可してください。"},
	}},
	{report.AuthSMTPAuthDisabled, Words{
		Title:       "SMTP sign-in is switched off for this mailbox",
		Explanation: "The server takes no login for sending from this account (SMTP AUTH). User name and password were not found wrong.",
		Advice: []string{
			"At {provider} it is switched on here: {switch}",
			"{noswitch}Log in on the provider's web page, look in the settings for \"SMTP\", \"SMTP AUTH\" or \"mail programs\", and switch it on.",
			"Is the account run by a company or school? Ask its administrator to allow SMTP for it.",
			"Wait some minutes, then run: mailcheck {address}",
			"Until then the provider's web page and own app can send: they use no SMTP.",
			"What {provider} says about sending: {sendingpage}",
		},
		AdminAdvice: []string{"Allow SMTP AUTH for {user}."},
	}, Words{
		Title:       "このメールボックスでは SMTP のサインインがオフになっています",
		Explanation: "サーバーが、このアカウントからの送信用のログイン (SMTP AUTH) を受け付けていません。ユーザー名やパスワードが違うとは言われていません。",
		Advice: []string{
			"{provider} では、次の所でオンにします: {switch}",
			"{noswitch}メールサービスの Web ページにログインし、設定の「SMTP」「SMTP AUTH」「メールソフト」などの項目でオンにしてください。",
			"会社や学校のアカウントですか。管理者に、SMTP を許可するよう依頼してください。",
			"数分待ってから実行してください: mailcheck {address}",
			"それまでの間も、メールサービスの Web ページと専用アプリからは送信できます。SMTP を使わないためです。",
			"送信についての {provider} の説明: {sendingpage}",
		},
		AdminAdvice: []string{"{user} に SMTP AUTH を許可してください。"},
	}},
	{report.AuthWebLoginRequired, Words{
		Title:       "the provider wants a login on its web page first",
		Explanation: "The login looked unusual to the provider: a new place, a new program, or too many tries. It was blocked until the owner confirms it.",
		Advice: []string{
			"Open the provider's web page in a browser on this computer, log in, and answer what it asks (\"Was it you?\").",
			"Read the messages there about security, and allow the login that was blocked.",
			"Wait ten minutes, then run: mailcheck {address}",
			"Did you not try to log in yourself? Then set a new password there.",
		},
		AdminAdvice: []string{"Look in the sign-in log for {user} which check stopped the login."},
	}, Words{
		Title:       "先に Web ページでログインする必要があります",
		Explanation: "ログインがいつもと違う (新しい場所、新しいソフト、多すぎる試行) と判断され、本人が確認するまで止められています。",
		Advice: []string{
			"このコンピューターのブラウザーでメールサービスの Web ページを開いてログインし、確認の質問 (「ご本人ですか」など) に答えてください。",
			"そこでセキュリティのお知らせを読み、止められたログインを許可してください。",
			"10 分待ってから実行してください: mailcheck {address}",
			"ご自分でログインした覚えがありませんか。その場合は、そこで新しいパスワードを設定してください。",
		},
		AdminAdvice: []string{"どの検査が {user} のログインを止めたかを、サインインのログで確認してください。"},
	}},
	{report.AuthAccountLocked, Words{
		Title:       "the account is locked",
		Explanation: "The server knows the account and lets nobody in: after too many wrong passwords, after misuse, or because it was closed.",
		Advice: []string{
			"Do not try again now: each try can make it longer.",
			"Log in on the provider's web page. It says why the account is locked, and often how to unlock it.",
			"Find the program or phone that still uses an old password, and correct or remove it there.",
			"If the web page does not let you in either, ask the provider.",
		},
		AdminAdvice: []string{"Unlock {user}, and look in the log which address made the wrong tries."},
	}, Words{
		Title:       "アカウントがロックされています",
		Explanation: "サーバーはアカウントを知っていますが、誰も入れません。間違ったパスワードの繰り返し、不正利用、または解約が考えられます。",
		Advice: []string{
			"今は試さないでください。試すたびにロックが長くなることがあります。",
			"メールサービスの Web ページにログインしてください。ロックの理由と、多くの場合は解除の方法が表示されます。",
			"古いパスワードを使い続けているソフトやスマートフォンを探し、そこで直すか削除してください。",
			"Web ページにもログインできない場合は、メールサービスに問い合わせてください。",
		},
		AdminAdvice: []string{"{user} のロックを解除し、間違った試行をした IP アドレスをログで確認してください。"},
	}},
	{report.AuthBlockedByPolicy, Words{
		Title:       "a rule of the provider forbids this login",
		Explanation: "User name and password may be right. A rule about the place, the network, the device or the program forbids the login.",
		Advice: []string{
			"Switch any VPN off, and try from the network where you usually read mail.",
			"Are you abroad, or is this a server in a data centre? Some providers allow logins from their own country only, until it is allowed in their web settings.",
			"A peculiarity of {provider}: {catch}",
			"Ask the administrator of the account which rule applies, and quote the server's words.",
		},
		AdminAdvice: []string{"Look in the sign-in log for {user} which rule matched (Microsoft Entra: Conditional Access, security defaults), and allow {protocol} if it is meant to work."},
	}, Words{
		Title:       "メールサービスの規則がこのログインを禁じています",
		Explanation: "ユーザー名とパスワードは正しいのかもしれません。場所、ネットワーク、端末、ソフトについての規則が、このログインを禁じています。",
		Advice: []string{
			"VPN を切り、いつもメールを読むネットワークから試してください。",
			"海外から、またはデータセンターのサーバーからですか。Web の設定で許可するまで、国内からのログインしか認めないメールサービスがあります。",
			"{provider} の注意点: {catch}",
			"どの規則によるものかを、サーバーの応答を添えて、アカウントの管理者に問い合わせてください。",
		},
		AdminAdvice: []string{"どの規則に該当したかを {user} のサインインのログで確認し (Microsoft Entra: 条件付きアクセス、セキュリティの既定値群)、使わせてよい場合は {protocol} を許可してください。"},
	}},
	{report.AuthRateLimited, Words{
		Title:       "too many logins in a short time",
		Explanation: "The server lets nobody log in for a while. It says nothing about the password.",
		Advice: []string{
			"Change nothing, and wait an hour. Each try before can make it longer.",
			"Close other mail programs and phones that use this account: one of them may try a wrong password over and over.",
			"Let them look for mail less often (every 10 minutes), then run: mailcheck {address}",
		},
		AdminAdvice: []string{"Look in the log of {host} which address makes the many logins of {user}, and at the limit."},
	}, Words{
		Title:       "短い時間にログインが多すぎます",
		Explanation: "サーバーがしばらくの間、ログインを受け付けません。パスワードについては何もわかりません。",
		Advice: []string{
			"何も変更せず、1 時間待ってください。それより前に試すと、待ち時間が長くなることがあります。",
			"このアカウントを使うほかのメールソフトやスマートフォンを閉じてください。間違ったパスワードを試し続けているものがあるかもしれません。",
			"新着メールの確認の間隔を長くし (10 分ごと)、その後で実行してください: mailcheck {address}",
		},
		AdminAdvice: []string{"{user} の多数のログインがどの IP アドレスからのものかを {host} のログで確認し、上限も確認してください。"},
	}},
	{report.AuthLimitReached, Words{
		Title:       "no further login was tried",
		Explanation: "Two logins had been refused. Another might lock the account, so this one was not made; nothing is known about it.",
		Advice:      []string{"Put the first refused login right, then run: mailcheck {address}"},
	}, Words{
		Title:       "これ以上のログインは試していません",
		Explanation: "2 回のログインが断られました。さらに試すとアカウントがロックされるおそれがあるため、行っていません。このログインについては何もわかりません。",
		Advice:      []string{"最初に断られたログインの問題を直してから実行してください: mailcheck {address}"},
	}},
	{report.AuthClientIDRequired, Words{
		Title:       "the server wants the mail program to name itself",
		Explanation: "The login was accepted, but the mailbox stays closed until the program says what it is (the IMAP command ID). NetEase (163.com, 126.com, yeah.net) does so.",
		Advice: []string{
			"Use a mail program that sends ID: current Thunderbird, Apple Mail and Outlook do.",
			"Log in on the provider's web page, and see whether it has blocked the account or asks for a confirmation.",
			"A peculiarity of {provider}: {catch}",
			"If it goes on, ask the provider, and quote the server's words.",
		},
	}, Words{
		Title:       "サーバーがメールソフトの名前を求めています",
		Explanation: "ログインは受け付けられましたが、ソフトが名前を告げるまで (IMAP の ID コマンド) メールボックスは開きません。NetEase (163.com、126.com、yeah.net) がこのようにしています。",
		Advice: []string{
			"ID を送るメールソフトを使ってください。最新の Thunderbird、Apple Mail、Outlook は送ります。",
			"メールサービスの Web ページにログインし、アカウントが止められていないか、確認を求められていないかを見てください。",
			"{provider} の注意点: {catch}",
			"続く場合は、サーバーの応答を添えてメールサービスに問い合わせてください。",
		},
	}},
}
