package diagnose

import "mailcheck/report"

// serverCauses: the servers' own trouble, and what is left.
var serverCauses = []entry{
	{report.ServerTemporarilyUnavailable, Words{
		Title:       "{host} is not available at the moment",
		Explanation: "The server says that it cannot serve now. Some servers say so, too, when they want nothing to do with the address of this line.",
		Advice: []string{
			"Change nothing. Try again in half an hour.",
			"If it lasts, look at the provider's status page, or try another network with any VPN off.",
		},
		AdminAdvice: []string{"Look at load, limits and block lists of {host}."},
	}, Words{
		Title:       "{host} は今、利用できません",
		Explanation: "サーバーが、今は応じられないと言っています。この回線の IP アドレスを断りたいときに、そう言うサーバーもあります。",
		Advice: []string{
			"何も変更せず、30 分後にもう一度試してください。",
			"続く場合は、メールサービスの障害情報を見るか、VPN を切って別のネットワークで試してください。",
		},
		AdminAdvice: []string{"{host} の負荷、上限、ブロックリストを確認してください。"},
	}},
	{report.ServerAuthBackendDown, Words{
		Title:       "{host} cannot check passwords at the moment",
		Explanation: "The password was neither accepted nor refused. The fault is the server's, or it makes this account or line wait after too many logins.",
		Advice: []string{
			"Change nothing, least of all the password. Try again in an hour.",
			"If it lasts, tell the provider.",
		},
		AdminAdvice: []string{"See that the service that checks passwords (LDAP, database, Dovecot auth) answers on {host}."},
	}, Words{
		Title:       "{host} は今、パスワードを確認できません",
		Explanation: "パスワードが正しいとも違うとも言われていません。サーバーの問題か、ログインが多すぎたために、このアカウントまたは回線が待たされています。",
		Advice: []string{
			"何も変更しないでください。特にパスワードはそのままにしてください。1 時間後にもう一度試してください。",
			"続く場合は、メールサービスに連絡してください。",
		},
		AdminAdvice: []string{"パスワードを確認する仕組み (LDAP、データベース、Dovecot auth) が {host} で応答することを確認してください。"},
	}},
	{report.ServerInternalError, Words{
		Title:       "{host} has a fault of its own",
		Explanation: "The server says that something in it does not work, or that its disk is full. The settings and the password are not the problem.",
		Advice: []string{
			"Change nothing. Try again in half an hour.",
			"If it lasts, tell the provider, and quote the server's words.",
		},
		AdminAdvice: []string{"Look in the log of {host} at the time of this report: disk space, file rights, database, filters behind it."},
	}, Words{
		Title:       "{host} で不具合が起きています",
		Explanation: "サーバー自身が、内部で動かないものがある、またはディスクがいっぱいだと言っています。設定やパスワードの問題ではありません。",
		Advice: []string{
			"何も変更せず、30 分後にもう一度試してください。",
			"続く場合は、サーバーの応答を添えてメールサービスに連絡してください。",
		},
		AdminAdvice: []string{"このレポートの時刻の {host} のログを確認してください。ディスクの空き、ファイルの権限、データベース、後ろにあるフィルターなどです。"},
	}},
	{report.ServerHostile, Words{
		Title:       "{host} broke a limit that mail servers keep",
		Explanation: "It sent an endless line, or far more data than the check can need. The session was ended.",
		Advice: []string{
			"Check server name and port: what answers at {server} may be no mail server.",
			"If they are right, tell the provider.",
		},
		AdminAdvice: []string{"Look in a transcript (mailcheck --transcript) at what {host} sends."},
	}, Words{
		Title:       "{host} がメールサーバーの守る限度を超えました",
		Explanation: "終わりのない行か、確認に必要な量をはるかに超えるデータが送られてきました。通信を打ち切りました。",
		Advice: []string{
			"サーバー名とポートを確認してください。{server} で応答しているのは、メールサーバーではないのかもしれません。",
			"正しい場合は、メールサービスに連絡してください。",
		},
		AdminAdvice: []string{"{host} が何を送っているかを、通信の記録 (mailcheck --transcript) で確認してください。"},
	}},
	{report.ClientInterrupted, Words{
		Title:       "the run was stopped",
		Explanation: "What was learned until then is in this report.",
		Advice:      []string{"Run it again to its end: mailcheck {address}"},
	}, Words{
		Title:       "確認を中断しました",
		Explanation: "それまでにわかったことは、このレポートにあります。",
		Advice:      []string{"最後まで実行してください: mailcheck {address}"},
	}},
	{report.ClientProtocol, Words{
		Title:       "{host} says that mailcheck broke the protocol",
		Explanation: "The server did not understand a command. Either it keeps to other rules, or this is a fault of mailcheck.",
		Advice:      []string{"Run mailcheck --transcript --redact {address}, and report what it shows to the makers of mailcheck."},
	}, Words{
		Title:       "{host} によると、mailcheck の通信が規約に反しています",
		Explanation: "サーバーがコマンドを理解しませんでした。サーバーが別の決まりに従っているか、mailcheck の不具合です。",
		Advice:      []string{"mailcheck --transcript --redact {address} を実行し、その出力を mailcheck の作者に報告してください。"},
	}},
	{report.Unknown, Words{
		Title:       "mailcheck does not know what the answer means",
		Explanation: "What came back is shown word for word; no cause is guessed.",
		Advice: []string{
			"Read the words themselves: they often name the reason, or a page about it.",
			"Ask the provider, and quote them.",
		},
	}, Words{
		Title:       "mailcheck にはこの応答の意味がわかりません",
		Explanation: "返ってきた内容をそのまま表示します。原因の推測はしません。",
		Advice: []string{
			"応答の文を読んでください。理由や説明のページが書かれていることがよくあります。",
			"その文を添えて、メールサービスに問い合わせてください。",
		},
	}},
}
