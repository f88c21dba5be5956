package diagnose

import (
	"errors"
	"slices"

	"mailcheck/internal/provider"
	"mailcheck/report"
)

// variant is the words for a cause where something else is known beside it.
type variant struct {
	applies condition
	entry
}

// condition is what has to be known of a step and the run that it stands in.
type condition func(setting, *report.Check, *report.Step) bool

// all is what holds when each of some conditions does.
func all(conditions ...condition) condition {
	return func(s setting, c *report.Check, step *report.Step) bool {
		return !slices.ContainsFunc(conditions, func(holds condition) bool { return !holds(s, c, step) })
	}
}

// variants take the place of the words of the causes tables; the first that
// applies does.
var variants = slices.Concat(mxVariants, inferredVariants, wayVariants, signInVariants, providerVariants, caseVariants, submitVariants, runVariants, microsoftVariants, passwordVariants)

// runVariants go by what the run itself has shown.
var runVariants = []variant{
	{
		// Another protocol of the account took the very secret.
		func(s setting, c *report.Check, step *report.Step) bool {
			return refused(step) && len(s.agreeing(c, step)) > 0
		},
		entry{report.AuthBadCredentials, Words{
			Title:       "the {protocol} server did not accept the {secret}",
			Explanation: "So {protocol} is probably switched off for this account, or it wants the user name in another form, or a password of its own.",
			Advice: []string{
				"Switch {protocol} on, wait some minutes, then run mailcheck {address}. At {provider} it is done here: {switch}",
				"{noswitch}Log in on the provider's web page, look in the settings for \"POP/IMAP\", \"SMTP\" or \"mail programs\", and switch {protocol} on. Wait some minutes, then run: mailcheck {address}",
				"See there whether {protocol} needs a password of its own (an app password, a mail password).",
				"The user name: {provider} wants {login}; {user} was used.",
				"Try {otheruser} as the user name in place of {user}, with the flag {userflag}.",
			},
			AdminAdvice: []string{"Allow {access} for {user}, and look in the log of {host} why the login was refused."},
		}, Words{
			Title:       "{protocol} サーバーが{secret}を受け付けませんでした",
			Explanation: "そのため、このアカウントでは {protocol} がオフになっているか、別の形のユーザー名、または専用のパスワードが必要だと考えられます。",
			Advice: []string{
				"{protocol} をオンにし、数分待ってから mailcheck {address} を実行してください。{provider} では、次の所でオンにします: {switch}",
				"{noswitch}メールサービスの Web ページにログインし、設定の「POP/IMAP」「SMTP」「メールソフト」などの項目で {protocol} をオンにしてください。数分待ってから実行してください: mailcheck {address}",
				"{protocol} に専用のパスワード (アプリパスワード、メールパスワード) が必要かどうかを、そこで確認してください。",
				"ユーザー名: {provider} が求めるのは「{login}」です。今回は {user} を使いました。",
				"ユーザー名として {user} の代わりに {otheruser} を、オプション {userflag} で試してください。",
			},
			AdminAdvice: []string{"{user} に {access} を許可し、ログインが断られた理由を {host} のログで確認してください。"},
		}},
	},
	{
		// The second user name that was tried is the right one.
		all(caused(report.AuthUsernameForm), func(_ setting, c *report.Check, step *report.Step) bool {
			last := c.LastLogin()
			return last != step && last != nil && last.LoginTaken()
		}),
		entry{report.AuthUsernameForm, Words{
			Title:       "the user name for {protocol} is {user}",
			Explanation: "{host} refused the {secret} with {otheruser}, and took the same with {user}.",
			Advice:      []string{"Set {user} as the user name in the mail program, for receiving and for sending."},
		}, Words{
			Title:       "{protocol} のユーザー名は {user} です",
			Explanation: "{host} は、{otheruser} では{secret}を断り、{user} では同じものを受け付けました。",
			Advice:      []string{"メールソフトのユーザー名に、受信も送信も {user} を設定してください。"},
		}},
	},
	{
		// Another row of the batch is the same account.
		func(_ setting, _ *report.Check, step *report.Step) bool {
			return step.Cause == report.AuthLimitReached && errors.Is(step.Err, report.ErrAccountSpared)
		},
		entry{report.AuthLimitReached, Words{
			Title:       "this account had been refused twice in this batch",
			Explanation: "Another refused login might lock it, so {host} was not asked again; nothing more is known about it.",
			Advice:      []string{"Look why the logins of {address} before this one were refused, and put that right.", "Then run the batch again with --resume, or: mailcheck {address}"},
		}, Words{
			Title:       "このアカウントのログインは、この batch ですでに 2 回断られています",
			Explanation: "さらに断られるとアカウントがロックされるおそれがあるため、{host} には問い合わせていません。これ以上のことはわかりません。",
			Advice:      []string{"これより前の {address} のログインが断られた理由を確かめ、直してください。", "その後、--resume を付けてもう一度実行するか、次を実行してください: mailcheck {address}"},
		}},
	},
	{
		// A batch leaves the server alone; else the step is skipped.
		func(_ setting, _ *report.Check, step *report.Step) bool {
			return step.Cause == report.AuthLimitReached && step.Err != nil
		},
		entry{report.AuthLimitReached, Words{
			Title:       "{host} had refused the logins of other accounts",
			Explanation: "It refused five logins in a row. Another might make it block this computer, so none was tried for this account; nothing is known about it.",
			Advice:      []string{"Look why the logins before this one were refused, and put that right.", "Then run the batch again with --resume, or: mailcheck {address}"},
			AdminAdvice: []string{"Look in the log of {host} whether it blocks the IP address that this was run from."},
		}, Words{
			Title:       "{host} がほかのアカウントのログインを断りました",
			Explanation: "5 回続けて断られました。さらに試すとこのコンピューターがブロックされるおそれがあるため、このアカウントでは試していません。このアカウントについては何もわかりません。",
			Advice:      []string{"これより前のログインが断られた理由を確かめ、直してください。", "その後、--resume を付けてもう一度実行するか、次を実行してください: mailcheck {address}"},
			AdminAdvice: []string{"{host} のログで、実行元の IP アドレスがブロックされていないか確認してください。"},
		}},
	},
	{
		// The user allowed a login without encryption.
		func(_ setting, _ *report.Check, step *report.Step) bool {
			return step.Cause == report.AuthCleartextRefused && step.Result == report.Warn
		},
		entry{report.AuthCleartextRefused, Words{
			Title:       "the login crossed an unencrypted connection",
			Explanation: "It was allowed with --allow-cleartext. Anybody on the way can have seen it.",
			Advice: []string{
				"Set encryption SSL/TLS with port {tlsport}, or STARTTLS with port {startport}.",
				"Was it a network that others use? Then change the password.",
			},
			AdminAdvice: []string{"Offer TLS on {host}."},
		}, Words{
			Title:       "暗号化されていない接続でログインしました",
			Explanation: "--allow-cleartext で許可されたためです。途中にいる誰かに見られたかもしれません。",
			Advice: []string{
				"ポート {tlsport} で暗号化 SSL/TLS を、またはポート {startport} で STARTTLS を設定してください。",
				"ほかの人も使うネットワークでしたか。その場合は、パスワードを変更してください。",
			},
			AdminAdvice: []string{"{host} で TLS を提供してください。"},
		}},
	},
	{
		// Mail goes to the address of the domain itself (RFC 5321 section 5.1).
		func(_ setting, c *report.Check, step *report.Step) bool {
			return step.Cause == report.DNSNoRecords && step.Result == report.Warn && step.Err == nil && step.ID == "dns.mx"
		},
		entry{report.DNSNoRecords, Words{
			Title:       "{domain} has no MX record",
			Explanation: "Mail then goes to the address of the domain itself (RFC 5321 section 5.1). That works, but some senders do not try it.",
			Advice:      []string{"Is the domain your own? Let its DNS name the mail server in an MX record."},
			AdminAdvice: []string{"Enter an MX record for {domain}."},
		}, Words{
			Title:       "{domain} に MX レコードがありません",
			Explanation: "その場合、メールはドメイン自身の IP アドレスに送られます (RFC 5321 5.1 節)。届きますが、試さない送信者もあります。",
			Advice:      []string{"ご自分のドメインですか。DNS の MX レコードでメールサーバーを示してください。"},
			AdminAdvice: []string{"{domain} に MX レコードを登録してください。"},
		}},
	},
}

// wordsOf are the words for a step's cause, filled. Behind the addresses that a
// provider gives to everybody is no administrator whom anybody could tell.
func (s setting) wordsOf(check *report.Check, step *report.Step, v Values) Words {
	words := Lookup(step.Cause, s.Tag)
	if i := slices.IndexFunc(variants, func(v variant) bool { return v.applies(s, check, step) }); i >= 0 {
		words = variants[i].in(s.Tag)
	}
	if p := s.provider(check); p != nil && p.Kind == provider.Mailbox {
		words.AdminAdvice = nil
	}
	return words.Fill(v)
}

// WordsAt returns the words for a cause that no run has shown, filled. They are
// those for the provider, which may be nil. What only SMTP servers say is said
// of SMTP where v names no protocol.
func WordsAt(cause report.Cause, p *provider.Provider, v Values) Words {
	if v.Protocol == "" && (family(cause) == "submit" || cause == report.AuthSMTPAuthDisabled || cause == report.AuthPOPBeforeSMTP) {
		v.Protocol = report.SMTP
	}
	s := setting{Tag: v.Lang, home: p}
	check, step := &report.Check{Protocol: v.Protocol}, &report.Step{Cause: cause, Result: report.Fail}
	return s.wordsOf(check, step, v.At(p, cause))
}
