package diagnose

import "mailcheck/report"

// mechanismCauses: the ways in which a server lets programs log in.
var mechanismCauses = []entry{
	{report.AuthMechanismUnsupported, Words{
		Title:       "{host} does not know this way to log in",
		Explanation: "The server refused the login mechanism before it looked at the password.",
		Advice: []string{
			"If --auth was given, leave it out, so that mailcheck takes a mechanism that the server offers.",
			"In the mail program choose \"normal password\" over SSL/TLS.",
		},
		AdminAdvice: []string{"Offer only login mechanisms that work; for passwords that is PLAIN over TLS."},
	}, Words{
		Title:       "{host} はこのログイン方式に対応していません",
		Explanation: "サーバーは、パスワードを見る前にログイン方式を断りました。",
		Advice: []string{
			"--auth を指定した場合は、外してください。mailcheck が、サーバーの提供する方式を選びます。",
			"メールソフトでは、SSL/TLS で「通常のパスワード認証」を選んでください。",
		},
		AdminAdvice: []string{"実際に使えるログイン方式だけを提供してください。パスワードの場合は、TLS 上の PLAIN です。"},
	}},
	{report.AuthMechanismMissing, Words{
		Title:       "{host} lacks the encrypted password that its settings name",
		Explanation: "The settings tell mail programs to log in with an \"encrypted password\", and the server has no such way. mailcheck used the ordinary one, inside an encrypted connection. A mail program that keeps to the settings fails.",
		Advice: []string{
			"In the mail program choose \"normal password\" over SSL/TLS.",
			"Tell the provider that its settings and its server differ.",
			"Do you want no login but the safer one? Then run mailcheck with --auth SCRAM-SHA-256: it fails where the server has no such way.",
		},
		AdminAdvice: []string{"Offer SCRAM-SHA-256 on {server}, or write password-cleartext for it into the autoconfig document."},
	}, Words{
		Title:       "{host} に、設定が示す「暗号化されたパスワード」がありません",
		Explanation: "設定は、メールソフトに「暗号化されたパスワード」でのログインを指示していますが、サーバーはその方式を提供していません。ログインは、暗号化された接続の中で通常の方式により成功しました。設定どおりのメールソフトは失敗します。サーバー側で、より安全な方式が外された可能性もあります。",
		Advice: []string{
			"メールソフトでは、SSL/TLS で「通常のパスワード認証」を選んでください。",
			"設定とサーバーが食い違っていることを、メールサービスに伝えてください。",
			"より安全な方式だけでログインしたい場合は、--auth SCRAM-SHA-256 を付けて mailcheck を実行してください。サーバーにその方式がなければ失敗します。",
		},
		AdminAdvice: []string{"{server} で SCRAM-SHA-256 を提供するか、autoconfig 文書に password-cleartext と書いてください。"},
	}},
	{report.AuthNotOffered, Words{
		Title:       "{host} offers no login that mailcheck can use",
		Explanation: "No password was sent. Either this port has no login at all, or only with mechanisms that were left out or that mailcheck does not have.",
		Advice: []string{
			"Use the port for mail programs: {tlsport} with SSL/TLS, or {startport} with STARTTLS. Port 25 is for servers.",
			"If --auth was given, leave it out.",
			"Check the server name with your provider's help page.",
			"The servers of {provider} are listed at {serverspage}",
		},
		AdminAdvice: []string{"Offer AUTH PLAIN after TLS on {server}."},
	}, Words{
		Title:       "{host} には mailcheck が使えるログインがありません",
		Explanation: "パスワードは送っていません。このポートにログインがないか、除外した方式や mailcheck にない方式しかありません。",
		Advice: []string{
			"メールソフト用のポートを使ってください。SSL/TLS なら {tlsport}、STARTTLS なら {startport} です。ポート 25 はサーバー同士の通信用です。",
			"--auth を指定した場合は、外してください。",
			"サーバー名を、メールサービスのヘルプページで確認してください。",
			"{provider} のサーバーの一覧: {serverspage}",
		},
		AdminAdvice: []string{"{server} で、TLS の後に AUTH PLAIN を提供してください。"},
	}},
	{report.AuthEncryptionRequired, Words{
		Title:       "{host} allows a login only over an encrypted connection",
		Explanation: "The password was not judged.",
		Advice:      []string{"Set encryption SSL/TLS with port {tlsport}, or STARTTLS with port {startport}."},
	}, Words{
		Title:       "{host} は暗号化された接続でのログインしか認めません",
		Explanation: "パスワードが正しいかどうかは判断されていません。",
		Advice:      []string{"ポート {tlsport} で暗号化 SSL/TLS を、またはポート {startport} で STARTTLS を設定してください。"},
	}},
	{report.AuthCleartextRefused, Words{
		Title:       "no password was sent, because the connection is not encrypted",
		Explanation: "Anybody on the way could have read it. The server was not asked.",
		Advice: []string{
			"Set encryption SSL/TLS with port {tlsport}, or STARTTLS with port {startport}.",
			"If it must be, on a network of your own: mailcheck --allow-cleartext",
		},
		AdminAdvice: []string{"Offer TLS on {host}."},
	}, Words{
		Title:       "接続が暗号化されていないため、パスワードを送りませんでした",
		Explanation: "送っていれば、途中にいる誰もが読むことができました。サーバーには問い合わせていません。",
		Advice: []string{
			"ポート {tlsport} で暗号化 SSL/TLS を、またはポート {startport} で STARTTLS を設定してください。",
			"ご自分のネットワークで、どうしても必要な場合: mailcheck --allow-cleartext",
		},
		AdminAdvice: []string{"{host} で TLS を提供してください。"},
	}},
	{report.AuthPOPBeforeSMTP, Words{
		Title:       "{host} wants mail to be fetched before it is sent",
		Explanation: "This is an old way to show who is sending (POP before SMTP). Few mail programs can still do it.",
		Advice: []string{
			"In the mail program switch on \"my outgoing server requires authentication\", with port {tlsport} and SSL/TLS or {startport} and STARTTLS.",
			"If the server has no login for sending, fetch mail first, and send within some minutes.",
			"Ask the provider for a server with SMTP AUTH.",
		},
		AdminAdvice: []string{"Offer SMTP AUTH on ports 465 and 587 of {host} in place of POP before SMTP."},
	}, Words{
		Title:       "{host} は、送信の前に受信することを求めています",
		Explanation: "送信者を確かめる古い方法 (POP before SMTP) です。今のメールソフトの多くは対応していません。",
		Advice: []string{
			"メールソフトで「送信サーバーは認証が必要」をオンにし、ポート {tlsport} と SSL/TLS、またはポート {startport} と STARTTLS を設定してください。",
			"サーバーに送信用のログインがない場合は、先に受信し、数分以内に送信してください。",
			"SMTP AUTH のあるサーバーを、メールサービスに問い合わせてください。",
		},
		AdminAdvice: []string{"{host} のポート 465 と 587 で、POP before SMTP の代わりに SMTP AUTH を提供してください。"},
	}},
}
