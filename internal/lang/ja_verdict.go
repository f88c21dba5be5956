package lang

// jaVerdict are the headlines of the main job. The title of the cause, which
// ends most of them, is a sentence without its full stop.
func jaVerdict() map[Text]string {
	return map[Text]string{
		"What failed first is another thing (%s): %s.": "最初に失敗したのは別のことです (%s): %s。",
		"For the administrator: %s":                    "管理者の方へ: %s",
		"INTERRUPTED: %s; %s.":                         "中断しました: %s。%s。",
		"INTERRUPTED: %s.":                             "中断しました: %s。",
		"the domain was not checked to its end":        "ドメインは最後まで確認できていません",
		"you can receive":                              "受信できます",
		"you cannot receive":                           "受信できません",
		"you can send":                                 "送信できます",
		"you cannot send":                              "送信できません",
		"receiving was not checked to its end":         "受信は最後まで確認できていません",
		"sending was not checked to its end":           "送信は最後まで確認できていません",

		"NO LOGIN WAS MADE: %s.":                                            "ログインしていません: %s。",
		"NEITHER RECEIVING NOR SENDING COULD BE CHECKED: %s.":               "受信も送信も確認できませんでした: %s。",
		"NEITHER RECEIVING NOR SENDING WORKS: %s.":                          "受信も送信もできません: %s。",
		"YOU CAN SEND BUT NOT RECEIVE: %s.":                                 "送信はできますが、受信できません: %s。",
		"YOU CANNOT RECEIVE: %s; sending was not checked.":                  "受信できません: %s。送信は確認していません。",
		"NO MORE MAIL CAN REACH YOU: %s; sending to others was not tested.": "これ以上メールが届きません: %s。ほかの宛先への送信は確認していません。",
		"YOU CAN RECEIVE BUT NOT SEND: %s.":                                 "受信はできますが、送信できません: %s。",
		"YOU CANNOT SEND: %s; receiving was not checked.":                   "送信できません: %s。受信は確認していません。",
		"YOU CAN LOG IN AND SEND, BUT MAIL DOES NOT ARRIVE: %s.":            "ログインと送信はできますが、メールが届きません: %s。",
		"YOU CAN RECEIVE AND SEND, BUT NOT ALL IS WELL: %s.":                "受信も送信もできますが、問題があります: %s。",
		"YOU CAN RECEIVE, BUT NOT ALL IS WELL: %s.":                         "受信はできますが、問題があります: %s。",
		"YOU CAN SEND, BUT NOT ALL IS WELL: %s.":                            "送信はできますが、問題があります: %s。",
		"NOT ALL IS WELL: %s.":                                              "問題があります: %s。",

		"ALL IS WELL: %s.":                                       "問題ありません: %s。",
		"ALL WORKS, WITH A WARNING: %s.":                         "動いていますが、警告が 1 件あります: %s。",
		"ALL WORKS, WITH %d WARNINGS: %s.":                       "動いていますが、警告が %d 件あります: %s。",
		"ALL WORKS, WITH A WARNING: %s; but %s.":                 "動いていますが、警告が 1 件あります: %s。ただし、%s。",
		"ALL WORKS, WITH %d WARNINGS: %s; the first is that %s.": "動いていますが、警告が %d 件あります: %s。最初の警告: %s。",

		"the servers answer, and without a login SMTP takes mail for %s":                                       "サーバーは応答し、SMTP はログインなしで %s 宛てのメールを受け付けます",
		"mail from others can reach %s; nothing else was checked":                                              "%s は他からのメールを受け取れます。ほかは確認していません",
		"the DNS of %s is well; no mail server of it could be reached from here, and nothing else was checked": "%s の DNS に問題はありません。ここからはどのメールサーバーにもつながらず、ほかは確認していません",
		"the servers answer; no login was tried":                                                               "サーバーは応答しています。ログインは試していません",
		"the servers answer, as far as they were asked":                                                        "確認した範囲で、サーバーは応答しています",
		"you can receive; for sending, the server was asked without a login only":                              "受信できます。送信はログインなしでの確認だけです",
		"you can receive; sending was not checked":                                                             "受信できます。送信は確認していません",
		"you can receive, and the login for sending works; no message was sent":                                "受信でき、送信用のログインもできます。メッセージは送っていません",
		"the login for sending works; no message was sent; receiving was not checked":                          "送信用のログインができます。メッセージは送っておらず、受信は確認していません",
		"you can receive, and the server takes your mail for %s; no message was sent":                          "受信でき、サーバーは %s 宛てのメールを受け付けます。メッセージは送っていません",
		"the server takes your mail for %s; no message was sent; receiving was not checked":                    "サーバーは %s 宛てのメールを受け付けます。メッセージは送っておらず、受信は確認していません",
		"you can receive and send":                                                                             "受信も送信もできます",
		"%s; receiving was not checked":                                                                        "%s。受信は確認していません",
		"%s; whether the message reached %s was not awaited":                                                   "%s。メッセージが %s に届いたかどうかは確認していません",
		"%s; whether the message arrived was not awaited":                                                      "%s。メッセージが届いたかどうかは確認していません",
		"%s, and mail arrives":                 "%s。メールも届きます",
		"%s, and mail arrives at once":         "%s。メールはすぐに届きます",
		"%s, and mail arrives in %.1f seconds": "%s。メールは %.1f 秒で届きます",
		"%s, but in the junk folder":           "%s (ただし迷惑メールフォルダーです)",
	}
}
