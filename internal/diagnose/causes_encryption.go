package diagnose

import "mailcheck/report"

// encryptionCauses: how a connection is encrypted.
var encryptionCauses = []entry{
	{report.TLSOldVersion, Words{
		Title:       "{host} only knows outdated encryption",
		Explanation: "It offers no TLS 1.2 or newer. What it has is considered broken, and current programs refuse it.",
		Advice: []string{
			"Ask the provider for a newer server name: some keep an old one for old devices.",
			"A peculiarity of {provider}: {catch}",
			"Otherwise the provider must update the server.",
		},
		AdminAdvice: []string{"Enable TLS 1.2 and TLS 1.3 on {host}."},
	}, Words{
		Title:       "{host} は古い暗号化にしか対応していません",
		Explanation: "TLS 1.2 以降がありません。古い方式は安全でないとされ、今のソフトは使いません。",
		Advice: []string{
			"新しいサーバー名がないかどうか、メールサービスに問い合わせてください。古い機器のために古いサーバーを残している所があります。",
			"{provider} の注意点: {catch}",
			"なければ、メールサービス側での更新が必要です。",
		},
		AdminAdvice: []string{"{host} で TLS 1.2 と TLS 1.3 を有効にしてください。"},
	}},
	{report.TLSHandshakeFailure, Words{
		Title:       "no encryption could be agreed on with {host}",
		Explanation: "The server ended the TLS handshake: no cipher in common, or it wants a certificate from the client.",
		Advice: []string{
			"Ask the provider which encryption {server} needs, and quote what stands in this report.",
			"A peculiarity of {provider}: {catch}",
			"If your provider gave you a certificate to log in with, mailcheck cannot use it.",
		},
		AdminAdvice: []string{"Check protocols, ciphers and client certificates in the TLS settings of {host}: openssl s_client -connect {host}:{port}"},
	}, Words{
		Title:       "{host} と暗号化の方式が合いませんでした",
		Explanation: "サーバーが暗号化の準備 (TLS ハンドシェイク) を打ち切りました。共通の方式がないか、クライアント証明書を求めています。",
		Advice: []string{
			"{server} に必要な暗号化を、このレポートの内容を添えてメールサービスに問い合わせてください。",
			"{provider} の注意点: {catch}",
			"ログイン用の証明書を渡されている場合、mailcheck では使えません。",
		},
		AdminAdvice: []string{"{host} の TLS の設定で、バージョン、暗号方式、クライアント証明書を確認してください: openssl s_client -connect {host}:{port}"},
	}},
	{report.TLSPlaintextPort, Words{
		Title:       "port and encryption do not fit at {server}",
		Explanation: "One side began with TLS and the other in clear text: each port wants its own kind of encryption.",
		Advice: []string{
			"Set encryption SSL/TLS with port {tlsport}, or STARTTLS with port {startport}.",
			"{unanswered}If no port works, take port and encryption from the help page: some providers turn them round.",
			"A peculiarity of {provider}: {catch}",
			"The servers of {provider} are listed at {serverspage}",
		},
	}, Words{
		Title:       "{server} と暗号化の設定が合っていません",
		Explanation: "一方は TLS で、もう一方は暗号化なしで通信を始めました。ポートごとに使う暗号化が決まっています。",
		Advice: []string{
			"ポート {tlsport} には暗号化 SSL/TLS を、ポート {startport} には STARTTLS を設定してください。",
			"{unanswered}どのポートでも動かない場合は、ヘルプページのポートと暗号化を使ってください。逆にしているメールサービスもあります。",
			"{provider} の注意点: {catch}",
			"{provider} のサーバーの一覧: {serverspage}",
		},
	}},
	{report.TLSStartTLSNotOffered, Words{
		Title:       "{host} offers no encryption on this port",
		Explanation: "The server does not offer STARTTLS here, or something on the way takes the offer out.",
		Advice: []string{
			"Set encryption SSL/TLS with port {tlsport}.",
			"A peculiarity of {provider}: {catch}",
			"The servers of {provider} are listed at {serverspage}",
			"Switch the mail check of a virus scanner or firewall off, or try another network. If STARTTLS is offered there, this network removes it.",
			"If neither helps, tell the provider.",
		},
		AdminAdvice: []string{"Enable STARTTLS on port {port} of {host}, or better SSL/TLS on port {tlsport} (RFC 8314)."},
	}, Words{
		Title:       "{host} はこのポートで暗号化を提供していません",
		Explanation: "サーバーがここで STARTTLS を提供していないか、途中にあるものがその案内を消しています。",
		Advice: []string{
			"ポート {tlsport} で暗号化 SSL/TLS を設定してください。",
			"{provider} の注意点: {catch}",
			"{provider} のサーバーの一覧: {serverspage}",
			"ウイルス対策ソフトやファイアウォールのメール検査をオフにするか、別のネットワークで試してください。そこで STARTTLS が提供されるなら、このネットワークが消しています。",
			"どちらでも直らない場合は、メールサービスに連絡してください。",
		},
		AdminAdvice: []string{"{host} のポート {port} で STARTTLS を有効にするか、できればポート {tlsport} で SSL/TLS を有効にしてください (RFC 8314)。"},
	}},
	{report.TLSInjectedPlaintext, Words{
		Title:       "clear text was slipped into the start of the encryption",
		Explanation: "Data came between the answer to STARTTLS and the encryption (CVE-2011-0411, CVE-2020-14954): a fault of the server, or an attack on this connection.",
		Advice: []string{
			"Try another network. If it works there, do not use mail on this one.",
			"Set encryption SSL/TLS with port {tlsport}: it cannot be disturbed in this way.",
			"If it happens everywhere, tell the provider.",
		},
		AdminAdvice: []string{"Update the mail software of {host}, and any proxy in front of it."},
	}, Words{
		Title:       "暗号化が始まる所に平文が紛れ込みました",
		Explanation: "STARTTLS への応答と暗号化の間にデータが入りました (CVE-2011-0411、CVE-2020-14954)。サーバーの不具合か、この通信への攻撃です。",
		Advice: []string{
			"別のネットワークで試してください。そこで動く場合は、このネットワークでメールを使わないでください。",
			"ポート {tlsport} で暗号化 SSL/TLS を設定してください。この方法では妨害されません。",
			"どこでも起きる場合は、メールサービスに連絡してください。",
		},
		AdminAdvice: []string{"{host} のメールソフトウェアと、その手前のプロキシを更新してください。"},
	}},
	{report.TLSPreauthDowngrade, Words{
		Title:       "{host} claims a login that nobody made",
		Explanation: "Before any encryption the server said that the session was logged in already. That prevents STARTTLS (RFC 9051 section 7.1.4), so the session was ended.",
		Advice: []string{
			"Set encryption SSL/TLS with port {tlsport}.",
			"Try another network. If it works there, do not use mail on this one.",
		},
		AdminAdvice: []string{"Do not greet with PREAUTH on a port where STARTTLS is expected."},
	}, Words{
		Title:       "{host} が、まだしていないログインを済んだと主張しています",
		Explanation: "暗号化の前に、サーバーがログイン済みだと告げました。これでは STARTTLS が使えないため (RFC 9051 7.1.4 節)、通信を打ち切りました。",
		Advice: []string{
			"ポート {tlsport} で暗号化 SSL/TLS を設定してください。",
			"別のネットワークで試してください。そこで動く場合は、このネットワークでメールを使わないでください。",
		},
		AdminAdvice: []string{"STARTTLS を使うポートでは、PREAUTH で応答しないでください。"},
	}},
}
