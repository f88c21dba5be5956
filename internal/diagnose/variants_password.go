package diagnose

import (
	"slices"
	"strings"

	"mailcheck/internal/provider"
	"mailcheck/report"
)

// caused tells a step with one of these causes.
func caused(causes ...report.Cause) condition {
	return func(_ setting, _ *report.Check, step *report.Step) bool { return slices.Contains(causes, step.Cause) }
}

// wants tells a provider that wants a secret of one of these kinds.
func wants(policies ...provider.AuthPolicy) condition {
	return func(s setting, c *report.Check, _ *report.Step) bool {
		p := s.provider(c)
		return p != nil && slices.Contains(policies, p.AuthPolicy)
	}
}

// offAtFirst tells a provider where the protocol is off until it is switched
// on.
func offAtFirst(s setting, c *report.Check, _ *report.Step) bool {
	p := s.provider(c)
	return p != nil && p.MustEnable != nil && slices.Contains(p.MustEnable.Protocols, c.Protocol)
}

// noTokens tells a login with an access token at a server that names no mechanism
// which takes one.
func noTokens(s setting, c *report.Check, _ *report.Step) bool {
	if s.report == nil || !s.tokens() {
		return false
	}
	var named []string
	if c.Capabilities != nil {
		named = slices.Concat(c.Capabilities.BeforeTLS, c.Capabilities.AfterTLS)
	}
	return !slices.ContainsFunc(named, func(capability string) bool {
		return slices.ContainsFunc(tokenMechanisms, func(m string) bool { return strings.Contains(strings.ToUpper(capability), m) })
	})
}

// passwordVariants go by the secret that the provider wants.
var passwordVariants = []variant{
	{
		all(caused(report.AuthMechanismUnsupported), noTokens),
		entry{report.AuthMechanismUnsupported, Words{
			Title:       "{host} takes no access tokens",
			Explanation: "The login was to be made with an access token (OAuth 2.0), and the server offers neither XOAUTH2 nor OAUTHBEARER. The token was not sent.",
			Advice: []string{
				"Give a password in place of the token: mailcheck creds set {address}, then run: mailcheck {address}",
				"Was the token one of \"mailcheck login\"? Then remove that sign-in before: mailcheck creds delete {address}",
				"In the mail program choose \"normal password\" over SSL/TLS, in place of \"OAuth2\".",
				"Does the provider want a sign-in (OAuth 2.0)? Then ask it for the server that takes one.",
			},
			AdminAdvice: []string{"Offer OAUTHBEARER and XOAUTH2 on {server}, if {user} is to sign in with OAuth 2.0."},
		}, Words{
			Title:       "{host} はアクセストークンを受け付けません",
			Explanation: "アクセストークン (OAuth 2.0) でログインするはずでしたが、サーバーは XOAUTH2 も OAUTHBEARER も提供していません。トークンは送っていません。",
			Advice: []string{
				"トークンの代わりにパスワードを使ってください。保存してから (mailcheck creds set {address})、実行してください: mailcheck {address}",
				"「mailcheck login」のトークンでしたか。その場合は、先にそのサインインを削除してください: mailcheck creds delete {address}",
				"メールソフトでは、SSL/TLS で「OAuth2」の代わりに「通常のパスワード認証」を選んでください。",
				"メールサービスがサインイン (OAuth 2.0) を求めていますか。その場合は、それに対応するサーバーを問い合わせてください。",
			},
			AdminAdvice: []string{"{user} が OAuth 2.0 でサインインする場合は、{server} で OAUTHBEARER と XOAUTH2 を提供してください。"},
		}},
	},
	{
		all(caused(report.AuthBadCredentials), wants(provider.AppPassword, provider.OAuth2OrAppPassword)),
		entry{report.AuthBadCredentials, Words{
			Title:       "the {protocol} server did not accept the {secret}",
			Explanation: "{provider} takes only an app password here, one that is made for mail programs. It is wrong or no longer valid, or the password of the account was used in its place. The connection itself is fine.",
			Advice: []string{
				"Make a new app password (mostly with two-step verification switched on before): {passwordpage}",
				"{nopasswordpage}App passwords are made in the security settings of the account on the web, and mostly need two-step verification there.",
				"Type it without blanks into the mail program, for receiving and for sending.",
				"The user name: {provider} wants {login}; {user} was used.",
				"Store the right one (mailcheck creds set {address}), then run: mailcheck {address}",
			},
		}, Words{
			Title:       "{protocol} サーバーが{secret}を受け付けませんでした",
			Explanation: "{provider} が受け付けるのは、メールソフト用に作るアプリパスワードだけです。それが違うか、無効になったか、代わりにアカウントのパスワードが使われました。接続そのものは正常です。",
			Advice: []string{
				"アプリパスワードを新しく作ってください (多くの場合、先に 2 段階認証をオンにする必要があります): {passwordpage}",
				"{nopasswordpage}アプリパスワードは、Web のアカウントのセキュリティ設定で作ります。多くの場合、2 段階認証をオンにする必要があります。",
				"メールソフトの受信と送信の両方に、空白を入れずに入力してください。",
				"ユーザー名: {provider} が求めるのは「{login}」です。今回は {user} を使いました。",
				"正しいものを保存し (mailcheck creds set {address})、その後で実行してください: mailcheck {address}",
			},
		}},
	},
	{
		all(caused(report.AuthBadCredentials), wants(provider.AuthCode)),
		entry{report.AuthBadCredentials, Words{
			Title:       "the {protocol} server did not accept the {secret}",
			Explanation: "{provider} takes an authorization code here (shouquanma), not the password of the account. It is wrong or no longer valid, or the password was used in its place. The connection itself is fine.",
			Advice: []string{
				"Get a new authorization code: {switch}",
				"More about it: {passwordpage}",
				"Type it without blanks into the mail program, for receiving and for sending.",
				"The user name: {provider} wants {login}; {user} was used.",
				"Store the right one (mailcheck creds set {address}), then run: mailcheck {address}",
			},
		}, Words{
			Title:       "{protocol} サーバーが{secret}を受け付けませんでした",
			Explanation: "{provider} が受け付けるのは認証コード (授权码) で、アカウントのパスワードではありません。コードが違うか、無効になったか、代わりにパスワードが使われました。接続そのものは正常です。",
			Advice: []string{
				"認証コードを新しく取得してください: {switch}",
				"詳しい説明: {passwordpage}",
				"メールソフトの受信と送信の両方に、空白を入れずに入力してください。",
				"ユーザー名: {provider} が求めるのは「{login}」です。今回は {user} を使いました。",
				"正しいものを保存し (mailcheck creds set {address})、その後で実行してください: mailcheck {address}",
			},
		}},
	},
	{
		all(caused(report.AuthBadCredentials), wants(provider.MailPassword)),
		entry{report.AuthBadCredentials, Words{
			Title:       "the {protocol} server did not accept the {secret}",
			Explanation: "{provider} has a password of its own for mail. That of its web page or of the contract is another one. The connection itself is fine.",
			Advice: []string{
				"Look up the mail password, or set a new one: {passwordpage}",
				"It stands in the papers about the mailbox, and can be set anew in the settings of the mailbox on the web page of {provider}.",
				"A peculiarity of {provider}: {catch}",
				"The user name: {provider} wants {login}; {user} was used.",
				"Is {protocol} switched on? It is done here: {switch}",
				"Store the right one (mailcheck creds set {address}), then run: mailcheck {address}",
			},
			AdminAdvice: []string{
				"Look in the log of {host} why the login of {user} was refused.",
			},
		}, Words{
			Title:       "{protocol} サーバーが{secret}を受け付けませんでした",
			Explanation: "{provider} には、メール専用のパスワードがあります。Web ページや契約のパスワードとは別のものです。接続そのものは正常です。",
			Advice: []string{
				"メール用のパスワードを確認するか、設定し直してください: {passwordpage}",
				"メール用のパスワードは、契約やメールボックスの案内に書かれています。{provider} の Web ページの、メールボックスの設定で変更できます。",
				"{provider} の注意点: {catch}",
				"ユーザー名: {provider} が求めるのは「{login}」です。今回は {user} を使いました。",
				"{protocol} はオンになっていますか。次の所でオンにします: {switch}",
				"正しいものを保存し (mailcheck creds set {address})、その後で実行してください: mailcheck {address}",
			},
			AdminAdvice: []string{
				"{user} のログインが断られた理由を {host} のログで確認してください。",
			},
		}},
	},
	{
		all(caused(report.AuthBadCredentials), wants(provider.AppPasswordIf2FA)),
		entry{report.AuthBadCredentials, Words{
			Title:       "the {protocol} server did not accept the {secret}",
			Explanation: "User name or {secret} are wrong. {provider} takes the password of the account until two-step verification is switched on there, and from then on only an app password.",
			Advice: []string{
				"Log in on the web page of {provider} with the same user name and password. If that fails, set a new password there.",
				"Does it ask for a second step (a code, a phone)? Then make an app password in the security settings there, and use that.",
				"More about app passwords: {passwordpage}",
				"Is {protocol} switched on? It is done here: {switch}",
				"Store the right one (mailcheck creds set {address}), then run: mailcheck {address}",
			},
		}, Words{
			Title:       "{protocol} サーバーが{secret}を受け付けませんでした",
			Explanation: "ユーザー名か{secret}が違います。{provider} は、2 段階認証をオンにするまではアカウントのパスワードを、オンにした後はアプリパスワードだけを受け付けます。",
			Advice: []string{
				"同じユーザー名とパスワードで、{provider} の Web ページにログインしてください。失敗する場合は、そこで新しいパスワードを設定してください。",
				"2 段階目の確認 (コードやスマートフォン) がありますか。その場合は、そこのセキュリティ設定でアプリパスワードを作り、それを使ってください。",
				"アプリパスワードの説明: {passwordpage}",
				"{protocol} はオンになっていますか。次の所でオンにします: {switch}",
				"正しいものを保存し (mailcheck creds set {address})、その後で実行してください: mailcheck {address}",
			},
		}},
	},
	{
		all(caused(report.AuthBadCredentials), wants(provider.BridgePassword)),
		entry{report.AuthBadCredentials, Words{
			Title:       "the {protocol} server did not accept the {secret}",
			Explanation: "{provider} works only through its program on this computer (Bridge), which has a user name and a password of its own.",
			Advice: []string{
				"Open the program, choose the account, and copy user name and password from its \"Mailbox details\".",
				"Set the servers that it shows there (127.0.0.1), and leave the program running.",
				"Store the right one (mailcheck creds set {address}), then run: mailcheck {address}",
			},
		}, Words{
			Title:       "{protocol} サーバーが{secret}を受け付けませんでした",
			Explanation: "{provider} は、このコンピューターの専用ソフト (Bridge) を通してだけ使えます。ユーザー名とパスワードは、その専用のものです。",
			Advice: []string{
				"専用ソフトを開いてアカウントを選び、「Mailbox details」のユーザー名とパスワードをコピーしてください。",
				"そこに表示されるサーバー (127.0.0.1) を設定し、専用ソフトを動かしたままにしてください。",
				"正しいものを保存し (mailcheck creds set {address})、その後で実行してください: mailcheck {address}",
			},
		}},
	},
	{
		all(caused(report.AuthBadCredentials), wants(provider.OAuth2Only)),
		entry{report.AuthBadCredentials, Words{
			Title:       "the {protocol} server did not accept the {secret}",
			Explanation: "{provider} takes no passwords from mail programs, app passwords included. It wants a sign-in with the web browser (OAuth 2.0) instead.",
			Advice: []string{
				"For mailcheck, sign in (it needs a client id, see docs/oauth.md): mailcheck login {address}",
				"In the mail program choose \"OAuth2\" or \"sign in with ...\" in place of a password. If it does not offer that, remove the account there and add it again.",
			},
		}, Words{
			Title:       "{protocol} サーバーが{secret}を受け付けませんでした",
			Explanation: "{provider} は、メールソフトからのパスワードを、アプリパスワードも含めて受け付けません。代わりに Web ブラウザーでのサインイン (OAuth 2.0) を求めています。",
			Advice: []string{
				"mailcheck では、サインインしてください (クライアント ID が必要です。docs/oauth.md をご覧ください): mailcheck login {address}",
				"メールソフトでは、パスワードの代わりに「OAuth2」または「... でサインイン」を選んでください。選べない場合は、アカウントを削除して追加し直してください。",
			},
		}},
	},
	{
		all(caused(report.AuthBadCredentials), offAtFirst),
		entry{report.AuthBadCredentials, Words{
			Title:       "the {protocol} server did not accept the {secret}",
			Explanation: "User name or {secret} are wrong, or {protocol} is not switched on yet: at {provider} it is off at first. The connection itself is fine.",
			Advice: []string{
				"See whether {protocol} is switched on: {switch}",
				"The user name: {provider} wants {login}; {user} was used.",
				"Log in on the web page of {provider} with the same user name and password. If that fails, set a new password there.",
				"Store the right one (mailcheck creds set {address}), then run: mailcheck {address}",
			},
		}, Words{
			Title:       "{protocol} サーバーが{secret}を受け付けませんでした",
			Explanation: "ユーザー名か{secret}が違うか、{protocol} がまだオンになっていません。{provider} では、初めはオフになっています。接続そのものは正常です。",
			Advice: []string{
				"{protocol} がオンになっているかどうかを確認してください: {switch}",
				"ユーザー名: {provider} が求めるのは「{login}」です。今回は {user} を使いました。",
				"同じユーザー名とパスワードで、{provider} の Web ページにログインしてください。失敗する場合は、そこで新しいパスワードを設定してください。",
				"正しいものを保存し (mailcheck creds set {address})、その後で実行してください: mailcheck {address}",
			},
		}},
	},
	{
		all(caused(report.AuthBadCredentials), wants(provider.Password, provider.OAuth2OrPassword)),
		entry{report.AuthBadCredentials, Words{
			Title:       "the {protocol} server did not accept the {secret}",
			Explanation: "User name or {secret} are wrong: {provider} takes the password of the account from mail programs. The connection itself is fine.",
			Advice: []string{
				"The user name: {provider} wants {login}; {user} was used.",
				"Log in on the web page of {provider} with the same user name and password. If that fails, set a new password there.",
				"A peculiarity of {provider}: {catch}",
				"What mail programs need is described at {serverspage}",
				"Store the right one (mailcheck creds set {address}), then run: mailcheck {address}",
			},
			AdminAdvice: []string{"Look in the log of {host} why the login of {user} was refused."},
		}, Words{
			Title:       "{protocol} サーバーが{secret}を受け付けませんでした",
			Explanation: "ユーザー名か{secret}が違います。{provider} は、アカウントのパスワードをメールソフトから受け付けます。接続そのものは正常です。",
			Advice: []string{
				"ユーザー名: {provider} が求めるのは「{login}」です。今回は {user} を使いました。",
				"同じユーザー名とパスワードで、{provider} の Web ページにログインしてください。失敗する場合は、そこで新しいパスワードを設定してください。",
				"{provider} の注意点: {catch}",
				"メールソフトの設定の説明: {serverspage}",
				"正しいものを保存し (mailcheck creds set {address})、その後で実行してください: mailcheck {address}",
			},
			AdminAdvice: []string{"{user} のログインが断られた理由を {host} のログで確認してください。"},
		}},
	},
	{
		all(caused(report.AuthAppPasswordRequired), wants(provider.AuthCode)),
		entry{report.AuthAppPasswordRequired, Words{
			Title:       "{provider} wants an authorization code",
			Explanation: "The server does not take the password of the account from mail programs. It wants a code (shouquanma) that is given when access is switched on.",
			Advice: []string{
				"Get the authorization code: {switch}",
				"More about it: {passwordpage}",
				"Type it without blanks into the mail program, for receiving and for sending.",
				"Store the right one (mailcheck creds set {address}), then run: mailcheck {address}",
			},
		}, Words{
			Title:       "{provider} には認証コードが必要です",
			Explanation: "サーバーは、アカウントのパスワードをメールソフトからは受け付けません。利用をオンにすると発行される認証コード (授权码) を求めています。",
			Advice: []string{
				"認証コードを取得してください: {switch}",
				"詳しい説明: {passwordpage}",
				"メールソフトの受信と送信の両方に、空白を入れずに入力してください。",
				"正しいものを保存し (mailcheck creds set {address})、その後で実行してください: mailcheck {address}",
			},
		}},
	},
}
