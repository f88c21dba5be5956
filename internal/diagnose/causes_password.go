package diagnose

import "mailcheck/report"

// passwordCauses: secrets and user names that the server judged.
var passwordCauses = []entry{
	{report.AuthBadCredentials, Words{
		Title:       "the {protocol} server did not accept the {secret}",
		Explanation: "User name or {secret} are wrong, or the server wants another one than that of the web page. The connection itself is fine.",
		Advice: []string{
			"The user name: {provider} wants {login}; {user} was used.",
			"Log in on the provider's web page with the same user name and password. If that fails, set a new password there.",
			"Does the web login ask for a second step (a code, a phone)? Then make an app password there, and use that.",
			"Check the user name: {user} was used; some servers want {otheruser}.",
			"A peculiarity of {provider}: {catch}",
			"Store the right one (mailcheck creds set {address}), then run: mailcheck {address}",
		},
		AdminAdvice: []string{"Look in the log of {host} why the login of {user} was refused."},
	}, Words{
		Title:       "{protocol} サーバーが{secret}を受け付けませんでした",
		Explanation: "ユーザー名か{secret}が違うか、サーバーが Web ページとは別のものを求めています。接続そのものは正常です。",
		Advice: []string{
			"ユーザー名: {provider} が求めるのは「{login}」です。今回は {user} を使いました。",
			"同じユーザー名とパスワードで、メールサービスの Web ページにログインしてください。失敗する場合は、そこで新しいパスワードを設定してください。",
			"Web のログインで 2 段階目の確認 (コードやスマートフォン) がありますか。その場合は、そこでアプリパスワードを作り、それを使ってください。",
			"ユーザー名を確認してください。今回は {user} を使いました。{otheruser} を求めるサーバーもあります。",
			"{provider} の注意点: {catch}",
			"正しいものを保存し (mailcheck creds set {address})、その後で実行してください: mailcheck {address}",
		},
		AdminAdvice: []string{"{user} のログインが断られた理由を {host} のログで確認してください。"},
	}},
	{report.AuthAppPasswordRequired, Words{
		Title:       "{protocol} wants an app password",
		Explanation: "The server does not take the password of the web page from mail programs. It wants one that is made for a mail program (an app password or authorization code).",
		Advice: []string{
			"Make one here (two-step verification may have to be on for it): {passwordpage}",
			"{nopasswordpage}Log in on the provider's web page, look under \"security\" or \"mail programs\" for \"app password\" or \"authorization code\", and make a new one. Two-step verification may have to be on for it.",
			"Store it: mailcheck creds set {address}",
			"Type it into the mail program for receiving and for sending, without blanks.",
			"Then run: mailcheck {address}",
		},
	}, Words{
		Title:       "{protocol} にはアプリパスワードが必要です",
		Explanation: "サーバーは、Web ページのパスワードをメールソフトからは受け付けません。メールソフト用に作るパスワード (アプリパスワード、認証コード) を求めています。",
		Advice: []string{
			"こちらで作れます (先に 2 段階認証をオンにする必要があるかもしれません): {passwordpage}",
			"{nopasswordpage}メールサービスの Web ページにログインし、「セキュリティ」や「メールソフト」の設定で「アプリパスワード」または「認証コード」を新しく作ってください。先に 2 段階認証をオンにする必要があるかもしれません。",
			"保存してください: mailcheck creds set {address}",
			"メールソフトの受信と送信の両方に、空白を入れずに入力してください。",
			"その後で実行してください: mailcheck {address}",
		},
	}},
	{report.AuthBasicAuthDisabled, Words{
		Title:       "{provider} takes no passwords from mail programs",
		Explanation: "It wants a sign-in with the web browser (OAuth 2.0) instead. An app password does not help.",
		Advice: []string{
			"For mailcheck, sign in (it needs a client id, see docs/oauth.md): mailcheck login {address}",
			"In the mail program choose \"OAuth2\" or \"sign in with ...\" in place of a password.",
			"A peculiarity of {provider}: {catch}",
			"What {provider} says about passwords: {changespage}",
		},
	}, Words{
		Title:       "{provider} はメールソフトからのパスワードを受け付けません",
		Explanation: "このメールサービスは、代わりに Web ブラウザーでのサインイン (OAuth 2.0) を求めています。アプリパスワードでは解決しません。",
		Advice: []string{
			"mailcheck では、サインインしてください (クライアント ID が必要です。docs/oauth.md をご覧ください): mailcheck login {address}",
			"メールソフトでは、パスワードの代わりに「OAuth2」または「... でサインイン」を選んでください。",
			"{provider} の注意点: {catch}",
			"パスワードについての {provider} の説明: {changespage}",
		},
	}},
	{report.AuthTokenExpired, Words{
		Title:       "the {protocol} server did not accept the sign-in",
		Explanation: "The access token has run out, was withdrawn, or is for another account or another service.",
		Advice: []string{
			"Sign in again: mailcheck login {address}",
			"Sign in as the owner of the mailbox ({user}), and allow reading and sending mail.",
			"If you give the token yourself, make a new one for {protocol}: it lives for about an hour.",
		},
		AdminAdvice: []string{"Look in the sign-in log of the organisation why the token was refused."},
	}, Words{
		Title:       "{protocol} サーバーがサインインを受け付けませんでした",
		Explanation: "アクセストークンが期限切れか、取り消されたか、別のアカウントまたは別のサービスのものです。",
		Advice: []string{
			"もう一度サインインしてください: mailcheck login {address}",
			"メールボックスの持ち主 ({user}) としてサインインし、メールの読み取りと送信を許可してください。",
			"ご自分でトークンを渡している場合は、{protocol} 用に新しく作ってください。トークンの有効期間は 1 時間ほどです。",
		},
		AdminAdvice: []string{"トークンが断られた理由を、組織のサインインのログで確認してください。"},
	}},
	{report.AuthPasswordExpired, Words{
		Title:       "the password has expired",
		Explanation: "The server wants a new password before it lets anybody in.",
		Advice: []string{
			"Log in on the provider's web page, and set a new password there.",
			"Store it: mailcheck creds set {address}",
			"Type the new one into every mail program and phone, for receiving and for sending.",
		},
		AdminAdvice: []string{"Reset the password of {user}, or lengthen the time that passwords last."},
	}, Words{
		Title:       "パスワードの有効期限が切れています",
		Explanation: "サーバーは、新しいパスワードが設定されるまで誰も入れません。",
		Advice: []string{
			"メールサービスの Web ページにログインし、新しいパスワードを設定してください。",
			"保存してください: mailcheck creds set {address}",
			"すべてのメールソフトとスマートフォンに、受信用と送信用の両方で新しいパスワードを入力してください。",
		},
		AdminAdvice: []string{"{user} のパスワードを設定し直すか、パスワードの有効期間を延ばしてください。"},
	}},
	{report.AuthUsernameForm, Words{
		Title:       "the user name has another form than {host} wants",
		Explanation: "The password may be right. The server wants the user name in another form: the whole address, the part before the @, or a name of its own.",
		Advice: []string{
			"The user name: {provider} wants {login}; {user} was used.",
			"Try {otheruser} as the user name in place of {user}: {userflag}",
			"A peculiarity of {provider}: {catch}",
			"See on the provider's help page what the user name is for {protocol}. Some providers give one of its own.",
			"Is the address an alias? Then log in with the main address of the account.",
		},
		AdminAdvice: []string{"Let {host} take the whole address as the user name too, and say in the autoconfig file which form it wants."},
	}, Words{
		Title:       "ユーザー名の形が {host} の求めるものと違います",
		Explanation: "パスワードは正しいのかもしれません。サーバーは別の形のユーザー名 (メールアドレス全体、@ より前の部分、または専用の名前) を求めています。",
		Advice: []string{
			"ユーザー名: {provider} が求めるのは「{login}」です。今回は {user} を使いました。",
			"ユーザー名として {user} の代わりに {otheruser} を試してください: {userflag}",
			"{provider} の注意点: {catch}",
			"{protocol} のユーザー名を、メールサービスのヘルプページで確認してください。専用の名前を発行する所もあります。",
			"アドレスは別名 (エイリアス) ですか。その場合は、アカウントの元のアドレスでログインしてください。",
		},
		AdminAdvice: []string{"{host} でメールアドレス全体もユーザー名として受け付け、求める形を autoconfig ファイルに書いてください。"},
	}},
}
