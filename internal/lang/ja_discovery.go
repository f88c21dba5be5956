package lang

// jaDiscovery is the verdict of a search for settings, and what it says of
// sources that disagree.
func jaDiscovery() map[Text]string {
	return map[Text]string{
		"INTERRUPTED: the settings were not looked for to the end.":  "中断しました: 設定を最後まで探していません。",
		"NO SETTINGS FOR RECEIVING WORK: %s.":                        "受信に使える設定がありません: %s。",
		"NO SETTINGS FOR SENDING WORK: %s.":                          "送信に使える設定がありません: %s。",
		"THERE ARE NO USABLE SETTINGS: %s.":                          "使える設定がありません: %s。",
		"NOT ALL SETTINGS WORK: %s.":                                 "使えない設定があります: %s。",
		"THEY DISAGREE ABOUT THE SERVER'S NAME.":                     "情報源によってサーバー名が違います。",
		"THEY DISAGREE ABOUT THE PORT OR THE ENCRYPTION.":            "情報源によってポートまたは暗号化が違います。",
		"THE SETTINGS ARE FOUND":                                     "設定が見つかりました",
		"NOBODY NAMES THE SERVERS, BUT THE USUAL NAMES WORK":         "サーバーの情報はどこにもありませんが、よくある名前で見つかりました",
		"THE SOURCES AGREE":                                          "どの情報源も同じ設定です",
		"%s, WITH A WARNING":                                         "%s (警告 1 件)",
		"%s, WITH %d WARNINGS":                                       "%s (警告 %d 件)",
		"%s: the servers answer as they should; no login was tried.": "%s: サーバーは正しく応答しています。ログインは試していません。",

		"%s, WITH A WARNING: the servers answer, and no login was tried; but %s.":                 "%s (警告 1 件): サーバーは応答しています。ログインは試していません。ただし、%s。",
		"%s, WITH %d WARNINGS: the servers answer, and no login was tried; the first is that %s.": "%s (警告 %d 件): サーバーは応答しています。ログインは試していません。最初の警告は、%s。",

		"Nobody vouches for %s: outside %s, and named only by sources that can be forged (unsigned DNS). No password goes there unasked.": "%s が正しいサーバーだと保証するものがありません。%s の外にあり、偽造できる情報源 (署名のない DNS) だけがその名前を示しています。確認なしにパスワードを送ることはありません。",

		"Tried without a password, %s.":                                               "パスワードなしで試したところ、%s。",
		"Take the servers of this report in place of those that were given by flags.": "オプションで指定したサーバーではなく、このレポートにあるサーバーを使ってください。",
		"both lead to the same machine (%s)":                                          "どちらも同じマシン (%s) につながります",
		"all lead to the same machine (%s)":                                           "すべて同じマシン (%s) につながります",
		"%s, and every name is in its certificate":                                    "%s。証明書にはすべての名前が入っています",
		"%s, but only one name is in its certificate":                                 "%s。ただし、証明書に入っている名前は 1 つだけです",
		"%s, but only the names from %s are in its certificate":                       "%s。ただし、証明書に入っているのは %s の示す名前だけです",
		"both work; mail programs use now the one, now the other":                     "どちらも使えます。メールソフトによって、使われるものが変わります",
		"all work; mail programs use now the one, now the other":                      "すべて使えます。メールソフトによって、使われるものが変わります",
		"none of them is right in all":                                                "すべてが正しい情報源はありませんでした",
		"only what %s named works":                                                    "使えるのは %s の示すものだけでした",
		"%s for %s":                                                                   "%[2]s の代わりに %[1]s",
		"no encryption":                                                               "暗号化なし",
		"it answers as it should":                                                     "正しく応答しています",
		"its name leads nowhere":                                                      "名前から IP アドレスが見つかりません",
		"the certificate is for %s":                                                   "証明書の名前は %s です",

		"In https://ua-auto-config.%[1]s/.well-known/user-agent-configuration.json (its digest is in the TXT record _ua-auto-config.%[1]s) write %[2]s.": "https://ua-auto-config.%[1]s/.well-known/user-agent-configuration.json に %[2]s と書いてください (ダイジェストは TXT レコード _ua-auto-config.%[1]s にあります)。",
		"In https://autoconfig.%s/mail/config-v1.1.xml write %s.":                            "https://autoconfig.%s/mail/config-v1.1.xml に %s と書いてください。",
		"Ask at https://github.com/thunderbird/autoconfig that they write %s.":               "https://github.com/thunderbird/autoconfig で、%s と書くように依頼してください。",
		"In the SRV records of %s write %s.":                                                 "%s の SRV レコードに %s と書いてください。",
		"Until then mail programs that ask there fail.":                                      "それまでは、そこで設定を調べるメールソフトは失敗します。",
		"Until then each mail program that asks there warns its user about the certificate.": "それまでは、そこで設定を調べるメールソフトは証明書の警告を出します。",
	}
}
