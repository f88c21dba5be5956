package lang

// jaProgram is what the program itself asks and answers.
func jaProgram() map[Text]string {
	return map[Text]string{
		"%s is outside %s, and only unsigned DNS names it. Send it the password?": "%s は %s の外にあり、署名のない DNS だけが示しています。パスワードを送りますか?",
		"Password for %s":                          "%s のパスワード",
		"The same once more":                       "もう一度同じパスワード",
		"Keep it in the keyring of this computer?": "このコンピューターのキーリングに保存しますか?",
		"it is not kept: %v":                       "保存されませんでした: %v",
		"stored; now run: mailcheck %s":            "保存しました。次に実行してください: mailcheck %s",
		"the keyring holds a password for %s":      "キーリングに %s のパスワードがあります",
		"removed":                                  "削除しました",

		"the keyring holds a sign-in for %s": "キーリングに %s のサインインがあります",
		"there is no client id: register an application with the provider and give its id with --client-id, MAILCHECK_CLIENT_ID or the config file; docs/oauth.md says how, step by step": "クライアント ID がありません。メールサービスにアプリケーションを登録し、その ID を --client-id、MAILCHECK_CLIENT_ID、または設定ファイルで渡してください。手順は docs/oauth.md にあります",
		"there is no config file: %s": "設定ファイルがありません: %s",
		"(not shown)":                 "(非表示)",
		"no fault found":              "問題は見つかりませんでした",

		"signed in; the keyring now holds for %s: the refresh token of %s, and the client id": "サインインしました。キーリングに %s 用として、%s の更新トークンとクライアント ID を保存しました",
		"now run: mailcheck %s":                                                                      "次に実行してください: mailcheck %s",
		"warning: %s signed in, and not %s":                                                          "警告: サインインしたのは %s で、%s ではありません",
		"if both are addresses of one mailbox, that is as it should be":                              "どちらも同じメールボックスのアドレスであれば、問題ありません",
		"else sign out of the other account in the browser, then run it again and sign in as %s":     "違う場合は、ブラウザーで別のアカウントからサインアウトし、もう一度実行して、%s としてサインインしてください",
		"On any device, open this page in a browser, and sign in as %s:":                             "どの端末でもよいので、ブラウザーでこのページを開き、%s としてサインインしてください:",
		"There, type this code in: %s":                                                               "そこで、このコードを入力してください: %s",
		"Waiting for the sign-in, at most %d minutes ...":                                            "サインインを待っています (最長 %d 分) ...",
		"mailcheck has the answer. Close this page, and go back to the terminal.":                    "mailcheck が応答を受け取りました。このページを閉じて、端末に戻ってください。",
		"The sign-in did not succeed. Close this page, and go back to the terminal: it says why.":    "サインインできませんでした。このページを閉じて、端末に戻ってください。理由は端末に表示されています。",
		"Open this page in a browser on this computer, and sign in as %s:":                           "このコンピューターのブラウザーでこのページを開き、%s としてサインインしてください:",
		"without a keyring: --token-command or --oauth-token-stdin with a token of another program":  "キーリングを使わない方法: 別のソフトのトークンを --token-command または --oauth-token-stdin で渡します",
		"ask for the scope that makes it last (often --scope offline_access, beside those for mail)": "長く続くためのスコープも求めてください (多くは、メール用のスコープに加えて --scope offline_access)",
		"run it again, and sign in on the page that is shown":                                        "もう一度実行し、表示されるページでサインインしてください",
		"name its authorization server: --issuer URL":                                                "認可サーバーを指定してください: --issuer URL",
		"or keep a password: mailcheck creds set %s":                                                 "または、パスワードを保存してください: mailcheck creds set %s",
		"leave --device out, or add it: not every provider has both ways":                            "--device を外すか、付けてください。両方の方法があるとは限りません",
		"give the issuer exactly as the provider writes it, with https://":                           "発行者は、メールサービスの案内にあるとおりに、https:// から指定してください",
		"Step by step, how an application is registered: docs/oauth.md":                              "アプリケーションを登録する手順: docs/oauth.md",
	}
}
