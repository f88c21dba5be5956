package diagnose

import "mailcheck/report"

// settingsCauses: the settings of an account, and the places that they come from.
var settingsCauses = []entry{
	{report.SettingsNotFound, Words{
		Title:       "no {protocol} server is known for {domain}",
		Explanation: "Neither the provider nor the DNS of the domain says which servers to use, and none was found under the usual names.",
		Advice: []string{
			"Check the part after the @ of the address.",
			"A peculiarity of {provider}: {catch}",
			"Take the server names from your provider's help page and give them: --imap imaps://HOST --smtp smtps://HOST",
			"The servers of {provider} are listed at {serverspage}",
		},
		AdminAdvice: []string{"Publish the settings: SRV records (RFC 6186, RFC 8314), or https://autoconfig.{domainname}/mail/config-v1.1.xml"},
	}, Words{
		Title:       "{domain} の {protocol} サーバーがわかりません",
		Explanation: "使うサーバーについて、メールサービスもドメインの DNS も情報を出しておらず、よくある名前でも見つかりませんでした。",
		Advice: []string{
			"アドレスの @ より後を確認してください。",
			"{provider} の注意点: {catch}",
			"サーバー名をメールサービスのヘルプページで調べて指定してください: --imap imaps://HOST --smtp smtps://HOST",
			"{provider} のサーバーの一覧: {serverspage}",
		},
		AdminAdvice: []string{"設定を公開してください。SRV レコード (RFC 6186、RFC 8314)、または https://autoconfig.{domainname}/mail/config-v1.1.xml です。"},
	}},
	{report.SettingsNotOffered, Words{
		Title:       "{domain} offers no {protocol}",
		Explanation: "The domain or its provider says that this service does not exist there.",
		Advice: []string{
			"Use what is offered, or the provider's own app or web page.",
			"A peculiarity of {provider}: {catch}",
		},
		AdminAdvice: []string{"If {protocol} is there after all, correct the SRV record whose target is \".\"."},
	}, Words{
		Title:       "{domain} では {protocol} を使えません",
		Explanation: "ドメインまたはメールサービスが、このサービスはないと言っています。",
		Advice: []string{
			"提供されている方法か、メールサービスの専用アプリまたは Web ページを使ってください。",
			"{provider} の注意点: {catch}",
		},
		AdminAdvice: []string{"実際には {protocol} がある場合は、対象が「.」になっている SRV レコードを直してください。"},
	}},
	{report.SettingsUntrustedHost, Words{
		Title:       "nobody vouches for {host}, so no password was sent to it",
		Explanation: "The server lies outside the domain of the address, and only sources that can be forged (unsigned DNS) name it.",
		Advice: []string{
			"Compare {host} with your provider's help page. If it is right, give it yourself: --imap imaps://HOST --smtp smtps://HOST",
			"Or accept what was found: mailcheck --trust-discovered {address}",
		},
		AdminAdvice: []string{"Publish the settings over HTTPS: https://autoconfig.{domainname}/mail/config-v1.1.xml"},
	}, Words{
		Title:       "{host} を保証するものがないため、パスワードを送りませんでした",
		Explanation: "サーバーがアドレスのドメインの外にあり、偽造できる情報源 (署名のない DNS) だけがその名前を示しています。",
		Advice: []string{
			"{host} をメールサービスのヘルプページと見比べてください。正しい場合は、ご自分で指定してください: --imap imaps://HOST --smtp smtps://HOST",
			"または、見つかったものを受け入れてください: mailcheck --trust-discovered {address}",
		},
		AdminAdvice: []string{"設定を HTTPS で公開してください: https://autoconfig.{domainname}/mail/config-v1.1.xml"},
	}},
	{report.SettingsConflict, Words{
		Title:       "the sources name different servers for {domain}",
		Explanation: "A mail program takes the servers from the first source that it asks, so that with some programs the account works and with others it does not.",
		Advice:      []string{"Set the servers in your mail program by hand, as this report gives them; do not take what it finds by itself."},
		AdminAdvice: []string{"Let all sources of {domain} name the same servers: its SRV records, its autoconfig file, and the ISPDB."},
	}, Words{
		Title:       "{domain} のサーバーの情報が食い違っています",
		Explanation: "メールソフトは、最初に調べた情報源のサーバーを使います。そのため、このアカウントは使えるソフトと使えないソフトがあります。",
		Advice:      []string{"メールソフトには、このレポートのサーバーを手で設定してください。ソフトが自動で見つけた設定は使わないでください。"},
		AdminAdvice: []string{"{domain} のすべての情報源 (SRV レコード、autoconfig ファイル、ISPDB) が同じサーバーを示すようにしてください。"},
	}},
	{report.SettingsServiceEnded, Words{
		Title:       "the mail service of {domain} has been closed",
		Explanation: "The provider has ended it. Mail to this address is not delivered any more, and no setting can bring it back.",
		Advice: []string{
			"Use another address, and tell it to everybody who writes to the old one.",
			"Change it wherever it serves as a login or for new passwords: banks, shops, other accounts.",
			"Look at the provider's pages whether old mail can still be fetched, and until when.",
		},
	}, Words{
		Title:       "{domain} のメールサービスは終了しました",
		Explanation: "運営会社がサービスを終了しました。このアドレス宛てのメールはもう届かず、設定で元に戻すことはできません。",
		Advice: []string{
			"別のアドレスを使い、古いアドレスに送ってくる人全員に知らせてください。",
			"ログインやパスワードの再設定に使っている所 (銀行、ショップ、ほかのアカウント) でも変更してください。",
			"古いメールをまだ取り出せるか、いつまでかを、運営会社のページで確認してください。",
		},
	}},
	{report.AutoconfigNotFound, Words{
		Title:       "there are no settings for {domain} at this place",
		Explanation: "The address where mail programs look for the settings of a domain has none. That is usual; there are other sources.",
		Advice: []string{
			"Look for the settings in all places: mailcheck discover {address}",
			"Or take the server names from your provider's help page and set them by hand.",
		},
		AdminAdvice: []string{"To publish the settings, put them at https://autoconfig.{domainname}/mail/config-v1.1.xml"},
	}, Words{
		Title:       "{domain} の設定はこの場所にはありません",
		Explanation: "メールソフトがドメインの設定を探す場所に、設定がありません。普通のことで、情報源はほかにもあります。",
		Advice: []string{
			"すべての場所で設定を探してください: mailcheck discover {address}",
			"または、サーバー名をメールサービスのヘルプページで調べ、手で設定してください。",
		},
		AdminAdvice: []string{"設定を公開する場合は、https://autoconfig.{domainname}/mail/config-v1.1.xml に置いてください。"},
	}},
	{report.AutoconfigBadRequest, Words{
		Title:       "the place for settings wants to be asked in another way",
		Explanation: "Something answers there, but it wants the whole address, a login, or another kind of request. The settings were not given.",
		Advice: []string{
			"Look for the settings in all places: mailcheck discover {address}",
			"Or take the server names from your provider's help page and set them by hand.",
		},
		AdminAdvice: []string{"Let https://autoconfig.{domainname}/mail/config-v1.1.xml answer without a login, to requests without an address too."},
	}, Words{
		Title:       "設定の場所が、別の形の問い合わせを求めています",
		Explanation: "応答はありますが、アドレス全体、ログイン、または別の種類の要求を求めています。設定は得られませんでした。",
		Advice: []string{
			"すべての場所で設定を探してください: mailcheck discover {address}",
			"または、サーバー名をメールサービスのヘルプページで調べ、手で設定してください。",
		},
		AdminAdvice: []string{"https://autoconfig.{domainname}/mail/config-v1.1.xml が、ログインなしで、アドレスのない要求にも応答するようにしてください。"},
	}},
}
