package diagnose

import "mailcheck/report"

// keptBy tells servers of the provider with this ID.
func keptBy(id string) condition {
	return func(s setting, c *report.Check, _ *report.Step) bool {
		p := s.provider(c)
		return p != nil && p.ID == id
	}
}

// microsoftVariants are about the two mail services of Microsoft, which share
// their servers' words.
var microsoftVariants = []variant{
	// A business or school account: its administrator decides.
	{
		all(caused(report.AuthSMTPAuthDisabled), keptBy("microsoft-365")),
		entry{report.AuthSMTPAuthDisabled, Words{
			Title:       "SMTP sign-in is switched off for this mailbox",
			Explanation: "Microsoft 365 takes no login for sending from this mailbox (SMTP AUTH) until an administrator allows it. User name and password were not found wrong.",
			Advice: []string{
				"The administrator opens https://admin.microsoft.com > Users > Active users > {address} > Mail > Manage email apps, ticks \"Authenticated SMTP\" and saves. The same in Exchange Online PowerShell: Set-CASMailbox {address} -SmtpClientAuthenticationDisabled $false",
				"Is it ticked already? Then \"security defaults\" or an authentication policy forbids SMTP for the whole organisation: see https://entra.microsoft.com",
				"Allow it an hour to act, then run: mailcheck {address}",
				"Until then Outlook and https://outlook.office.com can send: they use no SMTP.",
			},
			AdminAdvice: []string{
				"See what holds for the mailbox: Get-CASMailbox {address} | Format-List SmtpClientAuthenticationDisabled (empty: as for the organisation), and for the organisation: Get-TransportConfig | Format-List SmtpClientAuthenticationDisabled",
				"Let the program sign in with OAuth 2.0: Microsoft ends passwords for SMTP.",
			},
		}, Words{
			Title:       "このメールボックスでは SMTP のサインインがオフになっています",
			Explanation: "Microsoft 365 は、管理者が許可するまで、このメールボックスからの送信用のログイン (SMTP AUTH) を受け付けません。ユーザー名やパスワードが違うとは言われていません。",
			Advice: []string{
				"管理者が https://admin.microsoft.com > ユーザー > アクティブなユーザー > {address} > メール > メール アプリを管理する を開き、「認証済み SMTP」にチェックを付けて保存します。Exchange Online PowerShell では次のとおりです: Set-CASMailbox {address} -SmtpClientAuthenticationDisabled $false",
				"すでにチェックが付いていますか。その場合は、「セキュリティの既定値群」か認証ポリシーが組織全体の SMTP を禁じています: https://entra.microsoft.com",
				"反映に 1 時間ほど待ってから実行してください: mailcheck {address}",
				"それまでの間も、Outlook と https://outlook.office.com からは送信できます。SMTP を使わないためです。",
			},
			AdminAdvice: []string{
				"メールボックスの設定を確認してください: Get-CASMailbox {address} | Format-List SmtpClientAuthenticationDisabled (空なら組織の設定に従います)。組織の設定: Get-TransportConfig | Format-List SmtpClientAuthenticationDisabled",
				"ソフトが OAuth 2.0 でサインインするようにしてください。Microsoft は SMTP でのパスワードを廃止します。",
			},
		}},
	},
	// A personal account has no administrator, although Microsoft uses the same words.
	{
		all(caused(report.AuthSMTPAuthDisabled), keptBy("outlook-com")),
		entry{report.AuthSMTPAuthDisabled, Words{
			Title:       "SMTP sign-in is switched off for this account",
			Explanation: "Microsoft does not let mail programs send from this account. A personal address like {address} has no administrator who could allow it; you decide yourself.",
			Advice: []string{
				"Open https://outlook.live.com > Settings > Mail > Forwarding and IMAP, switch on \"Let devices and apps use POP/IMAP\", and save.",
				"Sign in at https://account.microsoft.com, and answer what it asks (a phone number, \"Was it you?\"). New and unusual accounts may not send until then.",
				"Use the sign-in with the web browser, not a password: mailcheck login {address}. In the mail program choose \"OAuth2\".",
				"Allow it an hour to act, then run: mailcheck {address}",
				"Until then https://outlook.live.com can send: it uses no SMTP.",
			},
		}, Words{
			Title:       "このアカウントでは SMTP のサインインがオフになっています",
			Explanation: "Microsoft が、メールソフトからの送信をこのアカウントに認めていません。{address} のような個人用のアドレスには、許可する管理者がいません。ご自分で設定します。",
			Advice: []string{
				"https://outlook.live.com > 設定 > メール > 転送と IMAP を開き、「デバイスとアプリが POP/IMAP を使用できるようにする」をオンにして保存してください。",
				"https://account.microsoft.com にサインインし、確認の質問 (電話番号、「ご本人ですか」など) に答えてください。新しいアカウントや、使い方がいつもと違うアカウントは、それまで送信できないことがあります。",
				"メールソフトで「OAuth2」を選び、パスワードではなく、Web ブラウザーでのサインインを使ってください: mailcheck login {address}",
				"反映に 1 時間ほど待ってから実行してください: mailcheck {address}",
				"それまでの間も、https://outlook.live.com からは送信できます。SMTP を使わないためです。",
			},
		}},
	},
	{
		all(caused(report.AuthProtocolDisabled), keptBy("microsoft-365")),
		entry{report.AuthProtocolDisabled, Words{
			Title:       "{protocol} is switched off for this account",
			Explanation: "The administrator of the organisation decides which programs may use the mailbox, and {protocol} is not among them.",
			Advice: []string{
				"The administrator opens https://admin.microsoft.com > Users > Active users > {address} > Mail > Manage email apps, ticks {protocol} and saves.",
				"Allow it an hour to act, then run: mailcheck {address}",
				"Until then Outlook and https://outlook.office.com work: they use neither IMAP nor POP.",
			},
			AdminAdvice: []string{
				"In Exchange Online PowerShell: Set-CASMailbox {address} -ImapEnabled $true -PopEnabled $true",
			},
		}, Words{
			Title:       "このアカウントでは {protocol} がオフになっています",
			Explanation: "どのソフトでメールボックスを使えるかは、組織の管理者が決めます。{protocol} は許可されていません。",
			Advice: []string{
				"管理者が https://admin.microsoft.com > ユーザー > アクティブなユーザー > {address} > メール > メール アプリを管理する を開き、{protocol} にチェックを付けて保存します。",
				"反映に 1 時間ほど待ってから実行してください: mailcheck {address}",
				"それまでの間も、Outlook と https://outlook.office.com は使えます。IMAP も POP も使わないためです。",
			},
			AdminAdvice: []string{
				"Exchange Online PowerShell: Set-CASMailbox {address} -ImapEnabled $true -PopEnabled $true",
			},
		}},
	},
	{
		all(caused(report.MailboxBackendRefused), keptBy("outlook-com")),
		entry{report.MailboxBackendRefused, Words{
			Title:       "the login worked, but the mailbox was not opened",
			Explanation: "Outlook.com took the sign-in and then refused the mailbox: {protocol} is off for it, the user name is an alias, the sign-in is for another account, or a VPN is in the way.",
			Advice: []string{
				"Switch {protocol} on: {switch}",
				"Sign in as the owner of the mailbox: mailcheck login {address}",
				"Is {user} an alias? Then use the first address of the account as the user name, with the flag {userflag}. It stands at https://account.microsoft.com under \"Your info\".",
				"Switch any VPN off, then run: mailcheck {address}",
			},
		}, Words{
			Title:       "ログインはできましたが、メールボックスが開きませんでした",
			Explanation: "Outlook.com はサインインを受け付けた後、メールボックスを開くことを断りました。{protocol} がオフか、ユーザー名が別名 (エイリアス) か、別のアカウントのサインインか、VPN が原因です。",
			Advice: []string{
				"{protocol} をオンにしてください: {switch}",
				"メールボックスの持ち主としてサインインしてください: mailcheck login {address}",
				"{user} は別名 (エイリアス) ですか。その場合は、アカウントの最初のアドレスをユーザー名として、オプション {userflag} で指定してください。https://account.microsoft.com の「あなたの情報」にあります。",
				"VPN を切ってから実行してください: mailcheck {address}",
			},
		}},
	},
}
