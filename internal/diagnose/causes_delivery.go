package diagnose

import "mailcheck/report"

// deliveryCauses: the test message on its way.
var deliveryCauses = []entry{
	{report.DeliveryNotArrived, Words{
		Title:       "the test message was taken for sending, but did not arrive in time",
		Explanation: "Sending and receiving work by themselves. The message may be delayed, filtered into another folder, or delivered elsewhere.",
		Advice: []string{
			"Look in Junk, Trash and all other folders, and in your filter rules, for the subject \"mailcheck test\".",
			"Wait longer: mailcheck --wait 10m {address}. Some servers hold mail back for minutes.",
			"Look in the inbox for a returned message that names the reason.",
			"Ask the provider, with the time and subject of the message.",
		},
		AdminAdvice: []string{
			"Follow the message by its Message-ID in the log of the sending server.",
			"See that the MX records of {domain} lead to the server that holds the mailbox.",
		},
	}, Words{
		Title:       "テストメッセージは受け付けられましたが、時間内に届きませんでした",
		Explanation: "送信と受信は、それぞれ動いています。メッセージが遅れているか、別のフォルダーに振り分けられたか、別の場所に届いたのかもしれません。",
		Advice: []string{
			"迷惑メール、ごみ箱、そのほかのすべてのフォルダーと、振り分けの設定で、件名「mailcheck test」を探してください。",
			"メールを数分間止めておくサーバーがあります。もっと長く待ってください: mailcheck --wait 10m {address}",
			"受信トレイに、理由の書かれた返送メールがないかどうかを見てください。",
			"メッセージの時刻と件名を添えて、メールサービスに問い合わせてください。",
		},
		AdminAdvice: []string{
			"送信サーバーのログで、Message-ID を手がかりにメッセージを追ってください。",
			"{domain} の MX レコードが、メールボックスのあるサーバーを指していることを確認してください。",
		},
	}},
	{report.DeliveryJunk, Words{
		Title:       "the test message arrived in the junk folder",
		Explanation: "Sending and receiving work, but the provider's filter takes the message for spam. Other people's filters may do the same with your mail.",
		Advice: []string{
			"Look in the junk folder from time to time, and mark good mail there as \"not junk\".",
			"Is the domain your own? Let it have SPF, DKIM and DMARC records.",
		},
		AdminAdvice: []string{"Set up SPF, DKIM and DMARC for {domain}, and look which rule of the filter matched."},
	}, Words{
		Title:       "テストメッセージが迷惑メールフォルダーに届きました",
		Explanation: "送信も受信もできますが、メールサービスのフィルターがメッセージを迷惑メールと判断しました。ほかの人のフィルターも、あなたのメールを同じように扱うかもしれません。",
		Advice: []string{
			"ときどき迷惑メールフォルダーを見て、問題のないメールに「迷惑メールではない」の印を付けてください。",
			"ご自分のドメインですか。SPF、DKIM、DMARC のレコードを登録してください。",
		},
		AdminAdvice: []string{"{domain} に SPF、DKIM、DMARC を設定し、フィルターのどの規則に該当したかを確認してください。"},
	}},
	{report.DeliveryNotAwaited, Words{
		Title:       "the arrival of the test message was not awaited",
		Explanation: "It went to another address, or there was no way to look into the mailbox.",
	}, Words{
		Title:       "テストメッセージが届いたかどうかは確認していません",
		Explanation: "別のアドレスに送ったか、メールボックスを見る手段がありませんでした。",
	}},
	{report.DeliveryNotCleaned, Words{
		Title:       "the test message could not be removed",
		Explanation: "It does no harm. Its subject begins with \"mailcheck test\".",
		Advice:      []string{"Delete it by hand in the folder that is named in this report."},
	}, Words{
		Title:       "テストメッセージを削除できませんでした",
		Explanation: "害はありません。件名は「mailcheck test」で始まります。",
		Advice:      []string{"このレポートに書かれたフォルダーで、手で削除してください。"},
	}},
	{report.DeliveryAuthenticationFailed, Words{
		Title:       "the message failed a check of its sender",
		Explanation: "SPF, DKIM or DMARC failed on the message that arrived. Other providers may refuse mail of this address, or put it into the junk folder.",
		Advice: []string{
			"Send only by the outgoing server of the provider of your address.",
			"Is the domain your own? Tell whoever runs its DNS.",
		},
		AdminAdvice: []string{"Name the sending servers of {domain} in its SPF record, sign with DKIM, and see that both fit the sender's domain (DMARC)."},
	}, Words{
		Title:       "メッセージの送信者の検査が失敗しました",
		Explanation: "届いたメッセージで SPF、DKIM、DMARC のどれかが失敗しました。ほかのメールサービスが、このアドレスのメールを断ったり、迷惑メールにしたりするかもしれません。",
		Advice: []string{
			"送信には、アドレスのメールサービスの送信サーバーだけを使ってください。",
			"ご自分のドメインですか。DNS の管理者に伝えてください。",
		},
		AdminAdvice: []string{"{domain} の SPF レコードに送信サーバーを書き、DKIM で署名し、どちらも送信者のドメインに合うこと (DMARC) を確認してください。"},
	}},
}
