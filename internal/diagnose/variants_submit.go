package diagnose

import "mailcheck/report"

// toOneself tells a run whose message goes to the account itself.
func toOneself(s setting, _ *report.Check, _ *report.Step) bool {
	return s.report != nil && s.facts.To == ""
}

// withoutLogin tells a session in which nobody has logged in.
func withoutLogin(s setting, c *report.Check, _ *report.Step) bool {
	return s.facts.NoAuth || c.Endpoint != nil && c.LastLogin() == nil
}

// withLogin tells any other.
func withLogin(s setting, c *report.Check, step *report.Step) bool { return !withoutLogin(s, c, step) }

// submitVariants go by whether somebody had logged in before a message was refused.
var submitVariants = []variant{
	{
		all(caused(report.SubmitSpamPolicy), withoutLogin),
		entry{report.SubmitSpamPolicy, Words{
			Title:       "{host} refused the mail as unwanted",
			Explanation: "No login was made: to the server this was mail from a stranger, and a filter for spam or a rule of its own turned it away.",
			Advice: []string{
				"Read the server's words: they often name the rule, or a page about it.",
				"See whether the server takes the mail after a login: mailcheck --send rcpt {address}",
				"Switch any VPN off: the address of a VPN is often on a block list.",
			},
			AdminAdvice: []string{"Look in the filter's log of {host} which rule matched."},
		}, Words{
			Title:       "{host} がメールを迷惑メールとして断りました",
			Explanation: "ログインはしていません。サーバーにとっては知らない相手からのメールであり、迷惑メールのフィルターかサーバーの規則が断りました。",
			Advice: []string{
				"サーバーの応答を読んでください。規則や説明のページが書かれていることがよくあります。",
				"ログインすれば受け付けられるかどうかを確認してください: mailcheck --send rcpt {address}",
				"VPN を切ってください。VPN の IP アドレスは、よくブロックリストに載っています。",
			},
			AdminAdvice: []string{"どの規則に該当したかを {host} のフィルターのログで確認してください。"},
		}},
	},
	{
		all(caused(report.SubmitAccountRestricted), withoutLogin),
		entry{report.SubmitAccountRestricted, Words{
			Title:       "{host} says that the account may not be used",
			Explanation: "No login was made, so the server speaks of the sender or the recipient: that account is not activated, not verified, unpaid, or blocked after misuse.",
			Advice: []string{
				"Log in on the provider's web page. It mostly says there what is missing: a confirmation, a phone number, a payment.",
				"See what the server says after a login: mailcheck --send rcpt {address}",
			},
			AdminAdvice: []string{"Look on {host} why the account is restricted, clean up, then unblock."},
		}, Words{
			Title:       "{host} によると、このアカウントは使えません",
			Explanation: "ログインはしていないため、サーバーが言っているのは送信者か宛先のアカウントです。有効化、本人確認、支払いが済んでいないか、不正利用で止められています。",
			Advice: []string{
				"メールサービスの Web ページにログインしてください。足りないもの (確認、電話番号、支払い) がたいてい表示されます。",
				"ログインした後のサーバーの応答を確認してください: mailcheck --send rcpt {address}",
			},
			AdminAdvice: []string{"アカウントが制限された理由を {host} で確認し、対処してから解除してください。"},
		}},
	},
	{
		all(caused(report.SubmitRecipientUnknown), toOneself, withLogin),
		entry{report.SubmitRecipientUnknown, Words{
			Title:       "{host} does not know the address {address}",
			Explanation: "The login was accepted, and the server says all the same that there is no such mailbox.",
			Advice: []string{
				"Is {address} written correctly? Compare it with the provider's web page.",
				"The account may have been removed or renamed, or this server is not the one for {domain}: ask the provider.",
			},
			AdminAdvice: []string{"See that the mailbox or alias exists on {host}, and that {domain} is entered there as its own."},
		}, Words{
			Title:       "{host} はアドレス {address} を知りません",
			Explanation: "ログインは受け付けられましたが、サーバーはそのメールボックスがないと言っています。",
			Advice: []string{
				"{address} は正しく書かれていますか。メールサービスの Web ページのものと比べてください。",
				"アカウントが削除されたか名前が変わった、または {domain} のサーバーではないのかもしれません。メールサービスに確認してください。",
			},
			AdminAdvice: []string{"{host} にメールボックスか別名があり、{domain} が自分のドメインとして登録されているかどうかを確認してください。"},
		}},
	},
}
