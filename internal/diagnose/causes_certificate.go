package diagnose

import "mailcheck/report"

// certificateCauses: certificates.
var certificateCauses = []entry{
	{report.TLSExpired, Words{
		Title:       "the certificate of {host} has expired",
		Explanation: "Mail programs refuse it or warn about it.",
		Advice: []string{
			"Check the date of this computer. If it is right, the fault is the server's.",
			"Tell the provider that the certificate of {server} has expired, and wait. Do not switch the check of certificates off.",
		},
		AdminAdvice: []string{"Renew the certificate, let every mail service on {host} load it again, and see why the renewal did not run."},
	}, Words{
		Title:       "{host} の証明書の有効期限が切れています",
		Explanation: "メールソフトは接続を断るか、警告を出します。",
		Advice: []string{
			"このコンピューターの日付を確認してください。正しい場合は、サーバー側の問題です。",
			"{server} の証明書の期限が切れていることをメールサービスに伝え、直るのを待ってください。証明書の確認をオフにしないでください。",
		},
		AdminAdvice: []string{"証明書を更新し、{host} のすべてのメールサービスに読み込ませ、自動更新が動かなかった理由を確認してください。"},
	}},
	{report.TLSNotYetValid, Words{
		Title:       "the certificate of {host} is not valid yet",
		Explanation: "Mostly this means that the clock of this computer is wrong.",
		Advice: []string{
			"Set date, time and time zone of this computer, then run mailcheck again.",
			"If they are right, tell the provider.",
		},
		AdminAdvice: []string{"Check the clock of the machine that issued the certificate of {host}."},
	}, Words{
		Title:       "{host} の証明書はまだ有効になっていません",
		Explanation: "多くの場合、このコンピューターの時計が間違っています。",
		Advice: []string{
			"このコンピューターの日付、時刻、タイムゾーンを合わせて、もう一度 mailcheck を実行してください。",
			"正しい場合は、メールサービスに連絡してください。",
		},
		AdminAdvice: []string{"{host} の証明書を発行したマシンの時計を確認してください。"},
	}},
	{report.TLSHostnameMismatch, Words{
		Title:       "the certificate of {host} is for another name",
		Explanation: "Either the server has another official name, or this is not the server that was meant.",
		Advice: []string{
			"If your provider's help page names a server that fits the certificate, set it: {names}",
			"A peculiarity of {provider}: {catch}",
			"The servers of {provider} are listed at {serverspage}",
			"On a guest network (hotel, train), open the web browser and sign in to the network first.",
			"Otherwise ask the provider for the right server name. Do not switch the check of certificates off.",
		},
		AdminAdvice: []string{"Add {host} to the certificate, or tell your users the name that it is for."},
	}, Words{
		Title:       "{host} の証明書は別の名前のものです",
		Explanation: "サーバーの正式な名前が別にあるか、目的のサーバーではありません。",
		Advice: []string{
			"証明書に合うサーバー名がメールサービスのヘルプページにある場合は、それを設定してください: {names}",
			"{provider} の注意点: {catch}",
			"{provider} のサーバーの一覧: {serverspage}",
			"ホテルや電車などのゲスト用ネットワークでは、先に Web ブラウザーを開いてネットワークにログインしてください。",
			"それ以外の場合は、正しいサーバー名をメールサービスに問い合わせてください。証明書の確認をオフにしないでください。",
		},
		AdminAdvice: []string{"証明書に {host} を加えるか、証明書に書かれた名前を利用者に案内してください。"},
	}},
	{report.TLSUnknownAuthority, Words{
		Title:       "nobody known vouches for the certificate of {host}",
		Explanation: "It was made by the server itself or by a private authority, or something between here and there reads along (a virus scanner, a company firewall).",
		Advice: []string{
			"Does a virus scanner on this computer check mail? Switch that off and run mailcheck again.",
			"Is it a server of your company or your own? Get the certificate of its authority from the administrator: mailcheck --ca-file FILE {address}",
			"A peculiarity of {provider}: {catch}",
			"Try another network. Otherwise tell the provider, and do not accept the certificate.",
		},
		AdminAdvice: []string{"Use a certificate from a public authority (Let's Encrypt costs nothing), or install your own authority on every client."},
	}, Words{
		Title:       "{host} の証明書は、信頼できる認証局のものではありません",
		Explanation: "証明書は、サーバー自身か独自の認証局が作ったものです。または、途中にあるもの (ウイルス対策ソフト、会社のファイアウォール) が通信を読んでいます。",
		Advice: []string{
			"このコンピューターのウイルス対策ソフトがメールを検査していますか。その機能をオフにして、もう一度 mailcheck を実行してください。",
			"会社やご自分のサーバーですか。認証局の証明書を管理者からもらってください: mailcheck --ca-file FILE {address}",
			"{provider} の注意点: {catch}",
			"別のネットワークで試してください。それでも同じ場合はメールサービスに連絡し、証明書を受け入れないでください。",
		},
		AdminAdvice: []string{"公的な認証局の証明書を使うか (Let's Encrypt は無料です)、独自の認証局をすべての端末に登録してください。"},
	}},
	{report.TLSIncompleteChain, Words{
		Title:       "{host} does not send its whole certificate",
		Explanation: "The intermediate certificate is missing, so the certificate cannot be verified; some programs find the missing part by themselves, others fail. If the server uses a private authority, it looks the same.",
		Advice: []string{
			"A peculiarity of {provider}: {catch}",
			"Tell the provider that {server} does not send its intermediate certificate.",
			"Is it a server of your company or your own, with a private authority? Then: mailcheck --ca-file FILE {address}",
		},
		AdminAdvice: []string{"Let {host} send the full chain (fullchain.pem in place of cert.pem), and load it again in every mail service."},
	}, Words{
		Title:       "{host} が証明書の一部を送ってきません",
		Explanation: "中間証明書がないため、証明書を確認できません。足りない部分を自分で探すソフトもありますが、失敗するソフトもあります。独自の認証局を使うサーバーの場合も同じように見えます。",
		Advice: []string{
			"{provider} の注意点: {catch}",
			"{server} が中間証明書を送っていないことを、メールサービスに伝えてください。",
			"独自の認証局を使う、会社やご自分のサーバーですか。その場合: mailcheck --ca-file FILE {address}",
		},
		AdminAdvice: []string{"{host} がチェーン全体を送るようにし (cert.pem ではなく fullchain.pem)、すべてのメールサービスに読み込ませてください。"},
	}},
	{report.TLSBadCertificate, Words{
		Title:       "the certificate of {host} cannot be used",
		Explanation: "It is not the one expected, not made for servers, names no host in the form that is needed today, or the server has trouble with it.",
		Advice:      []string{"Tell the provider; nothing in your mail program can help. Do not switch the check of certificates off."},
		AdminAdvice: []string{"Issue a new certificate for {host}: its name in subjectAltName, key usage for servers, from a valid authority; then load it again."},
	}, Words{
		Title:       "{host} の証明書は使えません",
		Explanation: "期待した証明書ではない、サーバー用に作られていない、今の決まりの形でホスト名が書かれていない、またはサーバー側に問題があります。",
		Advice:      []string{"メールサービスに連絡してください。メールソフトの設定では直りません。証明書の確認をオフにしないでください。"},
		AdminAdvice: []string{"{host} の証明書を作り直して読み込ませてください。subjectAltName に名前を入れ、サーバー用の鍵用途にし、有効な認証局から発行します。"},
	}},
	{report.TLSExpiresSoon, Words{
		Title:       "the certificate of {host} ends soon",
		Explanation: "All is well until then. Certificates that renew themselves are mostly renewed earlier than this.",
		Advice:      []string{"Nothing to do on your side; tell the provider if it is still the same in a week."},
		AdminAdvice: []string{"See that the renewal runs, and that the mail services load the new certificate."},
	}, Words{
		Title:       "{host} の証明書の期限が近づいています",
		Explanation: "それまでは問題ありません。自動更新される証明書は、たいていこれより早く更新されます。",
		Advice:      []string{"お手元ですることはありません。1 週間後も同じ場合は、メールサービスに伝えてください。"},
		AdminAdvice: []string{"自動更新が動いていて、メールのサービスが新しい証明書を読み込むことを確認してください。"},
	}},
	{report.TLSWeak, Words{
		Title:       "the certificate of {host} has a weak key",
		Explanation: "Its RSA key is shorter than 2048 bits and can be broken.",
		Advice:      []string{"Tell the provider; nothing in your mail program can help."},
		AdminAdvice: []string{"Issue a certificate with an RSA key of 2048 bits or more, or with an ECDSA key."},
	}, Words{
		Title:       "{host} の証明書の鍵が弱すぎます",
		Explanation: "RSA 鍵が 2048 ビットより短く、破られるおそれがあります。",
		Advice:      []string{"メールサービスに連絡してください。メールソフトの設定では直りません。"},
		AdminAdvice: []string{"2048 ビット以上の RSA 鍵か、ECDSA 鍵の証明書を発行してください。"},
	}},
	{report.TLSIntercepted, Words{
		Title:       "a program or device on the way reads the connection to {host}",
		Explanation: "The certificate does not come from the server: a virus scanner, a firewall or a proxy has put its own in its place, so that it can look into the mail.",
		Advice: []string{
			"Does a virus scanner on this computer check mail? Switch that part off (\"mail shield\", \"SSL scanning\") and run: mailcheck {address}",
			"Is it the network of a company or school? Ask its administrator to leave the mail ports out of the inspection.",
			"Otherwise do not use mail on this network. Try another one, for example a phone's.",
		},
		AdminAdvice: []string{"Leave port {port} of {host} out of the TLS inspection, or install the authority of the inspection on the clients."},
	}, Words{
		Title:       "途中のソフトか機器が {host} との通信を読んでいます",
		Explanation: "証明書がサーバーのものではありません。ウイルス対策ソフト、ファイアウォール、プロキシのどれかが、メールの中身を検査するために自分の証明書に差し替えています。",
		Advice: []string{
			"このコンピューターのウイルス対策ソフトがメールを検査していますか。その機能 (「メールシールド」「SSL スキャン」など) をオフにして実行してください: mailcheck {address}",
			"会社や学校のネットワークですか。メールのポートを検査から外すよう、管理者に依頼してください。",
			"それ以外の場合は、このネットワークでメールを使わないでください。スマートフォンの回線など、別のネットワークで試してください。",
		},
		AdminAdvice: []string{"{host} のポート {port} を TLS の検査から外すか、検査用の認証局を端末に登録してください。"},
	}},
}
