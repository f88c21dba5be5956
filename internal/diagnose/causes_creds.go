package diagnose

import "mailcheck/report"

// credsCauses: where the password or the sign-in comes from.
var credsCauses = []entry{
	{report.CredsMissing, Words{
		Title:       "no password was found for {address}",
		Explanation: "Neither the flags nor the environment nor the keyring hold one, so no login was made. All that needs none was checked.",
		Advice: []string{
			"Which password {provider} wants, and where it is made: {passwordpage}",
			"Store it once: mailcheck creds set {address}",
			"Or give it for one run: --password-stdin, --password-file FILE, --password-command COMMAND, or MAILCHECK_PASSWORD in the environment.",
			"Without a login: mailcheck --no-auth {address}",
		},
	}, Words{
		Title:       "{address} のパスワードが見つかりませんでした",
		Explanation: "オプションにも、環境変数にも、キーリングにもないため、ログインしていません。ログインの要らないことはすべて確認しました。",
		Advice: []string{
			"{provider} に必要なパスワードと、その作り方: {passwordpage}",
			"一度だけ保存してください: mailcheck creds set {address}",
			"または、今回だけ渡してください: --password-stdin、--password-file FILE、--password-command COMMAND、または環境変数 MAILCHECK_PASSWORD。",
			"ログインなしで確認する場合: mailcheck --no-auth {address}",
		},
	}},
	{report.CredsKeyringLocked, Words{
		Title:       "the keyring is locked",
		Explanation: "The password may be in there, but the keyring was not opened, so no login was made. All that needs none was checked.",
		Advice: []string{
			"Unlock it: log in to the desktop, or open its program (Passwords and Keys, KWallet, Keychain Access).",
			"Or give the password for one run: --password-stdin, --password-file FILE, --password-command COMMAND, or MAILCHECK_PASSWORD in the environment.",
		},
	}, Words{
		Title:       "キーリングがロックされています",
		Explanation: "パスワードはその中にあるかもしれませんが、開かれなかったためログインしていません。ログインの要らないことはすべて確認しました。",
		Advice: []string{
			"ロックを解除してください。デスクトップにログインするか、キーリングのソフト (パスワードと鍵、KWallet、キーチェーンアクセス) を開きます。",
			"または、今回だけパスワードを渡してください: --password-stdin、--password-file FILE、--password-command COMMAND、または環境変数 MAILCHECK_PASSWORD。",
		},
	}},
	{report.CredsKeyringUnavailable, Words{
		Title:       "there is no keyring on this computer to ask",
		Explanation: "That is usual on servers, in containers and over SSH. No login was made; all that needs none was checked.",
		Advice: []string{
			"Give the password for one run: --password-stdin, --password-file FILE, --password-command COMMAND, or MAILCHECK_PASSWORD in the environment.",
			"On a desktop, start its keyring service (GNOME Keyring, KWallet) and log in again.",
		},
	}, Words{
		Title:       "このコンピューターには使えるキーリングがありません",
		Explanation: "サーバー、コンテナー、SSH では普通のことです。ログインはしていません。ログインの要らないことはすべて確認しました。",
		Advice: []string{
			"今回だけパスワードを渡してください: --password-stdin、--password-file FILE、--password-command COMMAND、または環境変数 MAILCHECK_PASSWORD。",
			"デスクトップの場合は、キーリングのサービス (GNOME Keyring、KWallet) を起動し、ログインし直してください。",
		},
	}},
	{report.OAuthAppNotAllowed, Words{
		Title:       "the organisation does not allow this program to sign in",
		Explanation: "The sign-in itself worked or was not tried. The program is not registered, not approved, or not allowed to read and send mail.",
		Advice: []string{
			"Sign in again, and allow reading and sending mail when you are asked: mailcheck login {address}",
			"Does it say that an administrator must approve? Send the administrator the words of this report.",
			"With an application of your own: check its id, its redirect address and its scopes: mailcheck login --client-id ID {address}",
		},
		AdminAdvice: []string{"Approve the application for the organisation (Microsoft Entra: Enterprise applications > Permissions > Grant admin consent), with the rights for IMAP, POP and SMTP."},
	}, Words{
		Title:       "組織がこのソフトのサインインを許可していません",
		Explanation: "サインインそのものはできたか、まだ試されていません。ソフトが登録されていない、承認されていない、またはメールの読み取りと送信を許可されていません。",
		Advice: []string{
			"もう一度サインインし、求められたらメールの読み取りと送信を許可してください: mailcheck login {address}",
			"管理者の承認が必要と表示されますか。このレポートの内容を管理者に送ってください。",
			"ご自分のアプリケーションの場合は、ID、リダイレクト先、スコープを確認してください: mailcheck login --client-id ID {address}",
		},
		AdminAdvice: []string{"組織でアプリケーションを承認し (Microsoft Entra: エンタープライズ アプリケーション > アクセス許可 > 管理者の同意を与えます)、IMAP、POP、SMTP の権限を与えてください。"},
	}},
}
