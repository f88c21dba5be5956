package diagnose

import (
	"slices"

	"mailcheck/internal/provider"
	"mailcheck/report"
)

// sentID tells an IMAP server that was told which program asks: mailcheck does
// that wherever it is offered (RFC 2971).
func sentID(_ setting, c *report.Check, _ *report.Step) bool {
	caps := c.Capabilities
	return caps != nil && (slices.Contains(caps.AfterAuth, "ID") || slices.Contains(caps.AfterTLS, "ID") || slices.Contains(caps.BeforeTLS, "ID"))
}

// fromOneself tells a run whose sender is the address of the account.
func fromOneself(s setting, _ *report.Check, _ *report.Step) bool {
	return s.report != nil && s.facts.From == ""
}

// sentAsAnother tells a sender that Microsoft does not let the sign-in use,
// though it is the address of the account.
func sentAsAnother(s setting, c *report.Check, step *report.Step) bool {
	return step.Cause == report.SubmitSenderNotOwned && fromOneself(s, c, step) &&
		(keptBy("outlook-com")(s, c, step) || keptBy("microsoft-365")(s, c, step))
}

// ownUserName tells a login with a name that the user gave, which nobody took,
// at servers of which nothing is known.
func ownUserName(s setting, c *report.Check, step *report.Step) bool {
	user := s.user(c)
	return s.report != nil && s.provider(c) == nil && user != "" && user != s.report.Address && len(s.agreeing(c, step)) == 0
}

// programHere tells a server that is a program on this computer, at a port that
// is not one of mail.
func programHere(_ setting, c *report.Check, _ *report.Step) bool {
	return c.Endpoint != nil && report.ThisComputer(c.Endpoint.Host) && !report.MailPort(c.Protocol, c.Endpoint.Port)
}

// providerVariants are about what single providers do otherwise than all
// others, and about those of whom much follows from who they are.
var providerVariants = []variant{
	{
		byRule("user-name-of-another-form"),
		entry{report.AuthUsernameForm, Words{
			Title:       "{provider} wants another user name than {user}",
			Explanation: "Its user name is {login}. Whether the {secret} is right can be told only with that.",
			Advice: []string{
				"Set this user name in the mail program, for receiving and for sending: {login}",
				"Test it: mailcheck --user {username} {address}",
				"{provider} has its settings for mail programs here: {switch}",
				"Is that refused too? Then the {secret} is wrong: {passwordpage}",
			},
		}, Words{
			Title:       "{provider} のユーザー名は {user} ではありません",
			Explanation: "ユーザー名は「{login}」です。{secret}が正しいかどうかは、そのユーザー名で試すまでわかりません。",
			Advice: []string{
				"メールソフトのユーザー名に、受信も送信も次のものを設定してください: {login}",
				"確認するには: mailcheck --user {username} {address}",
				"{provider} のメールソフト用の設定は次の所にあります: {switch}",
				"それでも断られる場合は、{secret}が違います: {passwordpage}",
			},
		}},
	},
	{
		byRule("refused-from-abroad"),
		entry{report.AuthBadCredentials, Words{
			Title:       "the {protocol} server did not accept the {secret}",
			Explanation: "User name or {secret} are wrong, {protocol} is not switched on, or the login came from abroad: {provider} can refuse that in the same words. The connection itself is fine.",
			Advice: []string{
				"See whether {protocol} is switched on: {switch}",
				"Are you abroad, or is this machine (a cloud, a VPN)? Allow access from abroad in the settings of {provider}, or run mailcheck on a line inside the country.",
				"Log in on the web page of {provider} with the same user name and password. If that fails, set a new password there.",
				"A peculiarity of {provider}: {catch}",
				"What mail programs need is described at {serverspage}",
				"Store the right one (mailcheck creds set {address}), then run: mailcheck {address}",
			},
		}, Words{
			Title:       "{protocol} サーバーが{secret}を受け付けませんでした",
			Explanation: "ユーザー名か{secret}が違うか、{protocol} がオンになっていないか、海外からのログインです。{provider} は、海外からのログインを同じ応答で断ることがあります。接続そのものは正常です。",
			Advice: []string{
				"{protocol} がオンになっているかどうかを確認してください: {switch}",
				"海外にいますか。または、このコンピューター (クラウド、VPN) が海外にありますか。{provider} の設定で海外からの利用を許可するか、国内の回線で mailcheck を実行してください。",
				"同じユーザー名とパスワードで、{provider} の Web ページにログインしてください。失敗する場合は、そこで新しいパスワードを設定してください。",
				"{provider} の注意点: {catch}",
				"メールソフトの設定の説明: {serverspage}",
				"正しいものを保存し (mailcheck creds set {address})、その後で実行してください: mailcheck {address}",
			},
		}},
	},
	{
		all(caused(report.AuthBadCredentials), ownUserName),
		entry{report.AuthBadCredentials, Words{
			Title:       "the {protocol} server did not accept the {secret}",
			Explanation: "User name ({user}) or {secret} are wrong. For a domain of one's own most servers want the whole address as the user name. The connection itself is fine.",
			Advice: []string{
				"Try the whole address as the user name: mailcheck --user {address} {address}",
				"Log in on the provider's web page with the same user name and password. If that fails, set a new password there.",
				"Does the web login ask for a second step (a code, a phone)? Then make an app password there, and use that.",
				"Store the right one (mailcheck creds set {address}), then run: mailcheck {address}",
			},
			AdminAdvice: []string{"Look in the log of {host} why the login of {user} was refused."},
		}, Words{
			Title:       "{protocol} サーバーが{secret}を受け付けませんでした",
			Explanation: "ユーザー名 ({user}) か{secret}が違います。独自ドメインでは、多くのサーバーがアドレス全体をユーザー名とします。接続そのものは正常です。",
			Advice: []string{
				"アドレス全体をユーザー名として試してください: mailcheck --user {address} {address}",
				"同じユーザー名とパスワードで、メールサービスの Web ページにログインしてください。失敗する場合は、そこで新しいパスワードを設定してください。",
				"Web のログインで 2 段階目の確認 (コードやスマートフォン) がありますか。その場合は、アプリパスワードを作って使ってください。",
				"正しいものを保存し (mailcheck creds set {address})、その後で実行してください: mailcheck {address}",
			},
			AdminAdvice: []string{"{user} のログインが断られた理由を {host} のログで確認してください。"},
		}},
	},
	{
		byRule("name-documented"),
		entry{report.DNSNXDomain, Words{
			Title:       "{host} does not exist; {provider} has {otherhost}",
			Explanation: "It is an old name, or one that was never right: providers move, and lists on the web keep what is gone.",
			Advice: []string{
				"Set {otherhost} in the mail program, in place of {host}.",
				"Or let the servers be found: mailcheck {address}",
			},
		}, Words{
			Title:       "{host} は存在しません。{provider} では {otherhost} です",
			Explanation: "古い名前か、もともと正しくない名前です。メールサービスの移転後も、Web 上の一覧には古いサーバーが残っています。",
			Advice: []string{
				"メールソフトに、{host} の代わりに {otherhost} を設定してください。",
				"サーバーを自動で探すには: mailcheck {address}",
			},
		}},
	},
	{
		all(caused(report.AuthClientIDRequired), sentID),
		entry{report.AuthClientIDRequired, Words{
			Title:       "the server keeps the mailbox closed to this program",
			Explanation: "The login was accepted, and the program said what it is (the IMAP command ID). {provider} closes the mailbox all the same when a login looks unsafe to it: a new place, a VPN, an old authorization code.",
			Advice: []string{
				"Log in on the web page of {provider}, and see whether it has blocked the account or asks for a confirmation.",
				"Make a new authorization code there, and store it: mailcheck creds set {address}",
				"Switch any VPN off, then run: mailcheck {address}",
				"Do only some mail programs fail? Then they send no ID: current Thunderbird, Apple Mail and Outlook do.",
				"If it goes on, ask the provider, and quote the server's words.",
			},
		}, Words{
			Title:       "サーバーがこのソフトにメールボックスを開きません",
			Explanation: "ログインは受け付けられ、ソフトは名乗っています (IMAP の ID コマンド)。それでも {provider} は、安全でないと判断したログインにはメールボックスを開きません。新しい場所、VPN、古い認証コードなどの場合です。",
			Advice: []string{
				"{provider} の Web ページにログインし、アカウントが止められていないか、確認を求められていないかを見てください。",
				"そこで認証コードを新しく作り、保存してください: mailcheck creds set {address}",
				"VPN を切ってから実行してください: mailcheck {address}",
				"失敗するのが一部のメールソフトだけなら、そのソフトが ID を送っていません。現在の Thunderbird、Apple Mail、Outlook は送ります。",
				"続く場合は、サーバーの応答を添えてメールサービスに問い合わせてください。",
			},
		}},
	},
	// With the sender that belongs to the account, it is the sign-in that does not.
	{
		sentAsAnother,
		entry{report.SubmitSenderNotOwned, Words{
			Title:       "Microsoft does not let this sign-in send as {sender}",
			Explanation: "The login was accepted, and the sender is the address of the account: so the sign-in is that of another account, or {sender} is an alias that may not send.",
			Advice: []string{
				"Sign in as the owner of {sender}, and not with another account of the web browser: mailcheck login {address}",
				"Is {sender} an alias? Then send from the first address of the account, or make the alias the first one (https://account.microsoft.com, \"Your info\").",
				"Is it a shared mailbox? Then its administrator must grant you \"Send as\".",
			},
		}, Words{
			Title:       "Microsoft は、このサインインで {sender} として送信することを認めません",
			Explanation: "ログインは受け付けられ、送信者アドレスはアカウントのものです。そのため、別のアカウントのサインインか、{sender} が送信を認められていない別名 (エイリアス) だと考えられます。",
			Advice: []string{
				"Web ブラウザーの別のアカウントではなく、{sender} の持ち主としてサインインしてください: mailcheck login {address}",
				"{sender} は別名 (エイリアス) ですか。その場合は、アカウントの最初のアドレスから送信するか、別名をプライマリにしてください (https://account.microsoft.com の「あなたの情報」)。",
				"共有メールボックスですか。その場合は、管理者に「送信者として送信」の権限を付けてもらってください。",
			},
		}},
	},
	// The servers of a bridge are a program on this computer.
	{
		all(caused(report.ConnectRefused), wants(provider.BridgePassword)),
		entry{report.ConnectRefused, Words{
			Title:       "Bridge does not answer at {server}",
			Explanation: "{provider} works only through its program on this computer (Bridge), and that is not running, or uses other ports.",
			Advice: []string{
				"Start Bridge on this computer, and sign in to it. Let it start with the computer.",
				"Does it show other ports under \"Mailbox details\"? Then: mailcheck --imap imap://127.0.0.1:PORT --smtp smtp://127.0.0.1:PORT {address}",
			},
		}, Words{
			Title:       "{server} で Bridge が応答しません",
			Explanation: "{provider} は、このコンピューターの専用ソフト (Bridge) を通してだけ使えます。それが動いていないか、別のポートを使っています。",
			Advice: []string{
				"このコンピューターで Bridge を起動し、サインインしてください。コンピューターと同時に起動するように設定してください。",
				"「Mailbox details」のポートが違いますか。その場合は次のようにします: mailcheck --imap imap://127.0.0.1:PORT --smtp smtp://127.0.0.1:PORT {address}",
			},
		}},
	},
	// So are others: what is no mail server has no mail service's help page.
	{
		all(caused(report.ConnectRefused), programHere),
		entry{report.ConnectRefused, Words{
			Title:       "nothing listens at {server}",
			Explanation: "That is this computer itself. The program there that leads to the mail (a bridge, a tunnel, a proxy) is not running, or uses another port.",
			Advice: []string{
				"Start that program on this computer. Let it start with the computer.",
				"Look up in its settings which port it has for {protocol}, and set that one, here and in the mail program.",
				"Does mailcheck run in a container or a virtual machine? Then {host} is that one, and not the computer around it.",
			},
		}, Words{
			Title:       "{server} で待ち受けているプログラムがありません",
			Explanation: "接続先はこのコンピューター自身です。メールにつなぐためのプログラム (ブリッジ、トンネル、プロキシ) が動いていないか、別のポートを使っています。",
			Advice: []string{
				"そのプログラムをこのコンピューターで起動してください。コンピューターと同時に起動するように設定してください。",
				"{protocol} のポートをそのプログラムの設定で確認し、同じポートをここでもメールソフトでも設定してください。",
				"mailcheck をコンテナーや仮想マシンの中で動かしていますか。その場合、{host} はその中を指し、外側のコンピューターではありません。",
			},
		}},
	},
	{
		all(caused(report.TLSUnknownAuthority), wants(provider.BridgePassword)),
		entry{report.TLSUnknownAuthority, Words{
			Title:       "the certificate of Bridge is not known here yet",
			Explanation: "Bridge makes its certificate itself, on this computer, so no authority vouches for it. That is as it should be.",
			Advice: []string{
				"Export it in Bridge (Settings > Advanced settings > Export TLS certificates), then run: mailcheck --ca-file cert.pem {address}",
				"Or name it by its SHA-256, which the report in JSON shows: mailcheck --pin SHA256 {address}",
				"In the mail program accept the certificate for 127.0.0.1, and for no other server.",
			},
		}, Words{
			Title:       "Bridge の証明書が、まだ登録されていません",
			Explanation: "証明書は Bridge がこのコンピューターで自分で作るため、保証する認証局はありません。これは正常です。",
			Advice: []string{
				"Bridge から書き出し (Settings > Advanced settings > Export TLS certificates)、実行してください: mailcheck --ca-file cert.pem {address}",
				"または、JSON のレポートにある SHA-256 で指定してください: mailcheck --pin SHA256 {address}",
				"メールソフトでは、127.0.0.1 の証明書だけを受け入れてください。ほかのサーバーの証明書は受け入れないでください。",
			},
		}},
	},
	{
		all(caused(report.AuthAppPasswordRequired), wants(provider.BridgePassword)),
		entry{report.AuthAppPasswordRequired, Words{
			Title:       "{provider} wants the user name and the password of Bridge",
			Explanation: "The program on this computer (Bridge) has a user name and a password of its own. Those of the account are refused.",
			Advice: []string{
				"Open Bridge, choose the account, and copy user name and password from its \"Mailbox details\".",
				"Store the right one (mailcheck creds set {address}), then run: mailcheck --user NAME {address}",
			},
		}, Words{
			Title:       "{provider} には Bridge のユーザー名とパスワードが必要です",
			Explanation: "このコンピューターの専用ソフト (Bridge) には、専用のユーザー名とパスワードがあります。アカウントのものは断られます。",
			Advice: []string{
				"Bridge を開いてアカウントを選び、「Mailbox details」のユーザー名とパスワードをコピーしてください。",
				"正しいものを保存し (mailcheck creds set {address})、その後で実行してください: mailcheck --user 名前 {address}",
			},
		}},
	},
}
