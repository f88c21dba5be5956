package diagnose

import "mailcheck/report"

// givenDNS tells a run that asked one DNS server for every name (--dns).
func givenDNS(s setting, _ *report.Check, _ *report.Step) bool { return s.facts.DNS != "" }

// wayVariants are about what lies between this computer and the servers.
var wayVariants = []variant{
	{
		all(caused(report.DNSTimeout), givenDNS),
		entry{report.DNSTimeout, Words{
			Title:       "the DNS server {dns} does not answer",
			Explanation: "It was given with --dns, so every name is asked there and nowhere else. No server can be found by its name.",
			Advice: []string{
				"Leave --dns out, so that the DNS server of this network is asked: mailcheck {address}",
				"Is {dns} right? It must be the IP address of a DNS server; the port is mostly 53.",
				"Some networks let nobody ask another DNS server than their own. Try another network, for example a phone's.",
			},
		}, Words{
			Title:       "DNS サーバー {dns} が応答しません",
			Explanation: "--dns で指定されたため、すべての名前をこのサーバーだけに聞いています。どのサーバーも名前で見つけることができません。",
			Advice: []string{
				"このネットワークの DNS サーバーに聞くように、--dns を外して実行してください: mailcheck {address}",
				"{dns} は正しいですか。DNS サーバーの IP アドレスで、ポートは普通 53 です。",
				"独自の DNS サーバー以外への問い合わせを止めるネットワークもあります。スマートフォンの回線など、別のネットワークで試してください。",
			},
		}},
	},
	{
		all(caused(report.DNSServfail), givenDNS),
		entry{report.DNSServfail, Words{
			Title:       "the DNS server {dns} gives an error for {host}",
			Explanation: "It was given with --dns, so every name is asked there and nowhere else. Either it is out of order, or the DNS of the domain is (often its DNSSEC signatures).",
			Advice: []string{
				"Leave --dns out, so that the DNS server of this network is asked: mailcheck {address}",
				"Is it the same then? Try again in some minutes, and then tell whoever runs the domain.",
			},
			AdminAdvice: []string{"Check the zone and its signatures, for example at https://dnsviz.net"},
		}, Words{
			Title:       "DNS サーバー {dns} が {host} についてエラーを返します",
			Explanation: "--dns で指定されたため、すべての名前をこのサーバーだけに聞いています。このサーバーか、ドメインの DNS (多くは DNSSEC の署名) に問題があります。",
			Advice: []string{
				"このネットワークの DNS サーバーに聞くように、--dns を外して実行してください: mailcheck {address}",
				"それでも同じですか。数分待ってもう一度試し、続く場合はドメインの管理者に連絡してください。",
			},
			AdminAdvice: []string{"ゾーンと署名を、たとえば https://dnsviz.net で確認してください。"},
		}},
	},
	{
		byRule("name-of-a-network"),
		entry{report.DNSNXDomain, Words{
			Title:       "{host} is a name of a home or company network",
			Explanation: "Such names are known only inside the network that gives them, and not in the DNS of the Internet.",
			Advice: []string{
				"Are you outside that network? Take the public name of the server from the help page or the administrator, or connect to the VPN first.",
				"Are you inside? Then the DNS server of this network does not know {host}: ask its administrator.",
			},
			AdminAdvice: []string{"Give the server a name in the public DNS, and tell your users that one."},
		}, Words{
			Title:       "{host} は家庭や会社のネットワークの中だけの名前です",
			Explanation: "このような名前は、それを付けたネットワークの中でしか通じず、インターネットの DNS にはありません。",
			Advice: []string{
				"そのネットワークの外にいますか。ヘルプページや管理者から公開のサーバー名を確認するか、先に VPN に接続してください。",
				"中にいますか。その場合は、このネットワークの DNS サーバーが {host} を知りません。管理者に確認してください。",
			},
			AdminAdvice: []string{"サーバーに公開の DNS の名前を付けて、利用者に案内してください。"},
		}},
	},
	{
		byRule("mail-ports-silent"),
		entry{report.ConnectPortBlocked, Words{
			Title:       "{server} does not answer, nor does any other mail port",
			Explanation: "Names are found, but no mail server answers, for receiving or sending. Networks that let only web pages through (hotels, companies, schools) look like this, and servers that are all down.",
			Advice: []string{
				"Try another network, for example a phone's mobile data. If it works there, this network blocks mail programs: use a VPN, or ask whoever runs it to open the ports 993, 995, 465 and 587.",
				"On a guest network (hotel, train), open the web browser and sign in to the network first.",
				"If it fails everywhere, the server is down, or its name is wrong: compare {host} with the help page, and wait an hour.",
			},
			AdminAdvice: []string{"Check the firewalls in front of {host}, and that its mail services still answer."},
		}, Words{
			Title:       "{server} も、ほかのメール用のポートも応答しません",
			Explanation: "名前は見つかりますが、受信用も送信用も応答しません。Web ページだけを通すネットワーク (ホテル、会社、学校) か、すべて停止しているサーバーの状態です。",
			Advice: []string{
				"スマートフォンのモバイル回線など、別のネットワークで試してください。そこで動くなら、このネットワークがメールソフトの通信を止めています。VPN を使うか、ポート 993、995、465、587 を開けてもらってください。",
				"ホテルや電車などのゲスト用ネットワークでは、先に Web ブラウザーを開いてログインしてください。",
				"どこからも失敗するなら、サーバーが停止しているか、名前が違います。{host} をヘルプページと比べ、1 時間待ってください。",
			},
			AdminAdvice: []string{"{host} の前のファイアウォールと、メールのサービスが応答しているかどうかを確認してください。"},
		}},
	},
	{
		byRule("mail-service-silent"),
		entry{report.ConnectTimeout, Words{
			Title:       "{server} takes the connection and then says nothing",
			Explanation: "So does every other mail server of the account, for receiving and for sending: they are there, and what is behind them is down or overloaded. Nothing is wrong with the settings as far as that shows.",
			Advice: []string{
				"Change nothing in the mail program. Look at the provider's status page, and try again in half an hour.",
				"Does a virus scanner or firewall on this computer check mail? It can take connections in the server's place: switch that off, or try another network.",
				"If it lasts, tell the provider.",
			},
			AdminAdvice: []string{"See that the service behind port {port} of {host} still answers, and look at its load."},
		}, Words{
			Title:       "{server} は接続を受け付けますが、何も言いません",
			Explanation: "このアカウントのほかのメールサーバーも、受信用も送信用も同じです。サーバーはあり、その奥のサービスが停止しているか混んでいます。分かる範囲では、設定に問題はありません。",
			Advice: []string{
				"メールソフトの設定は変えないでください。メールサービスの障害情報のページを見て、30 分後にもう一度試してください。",
				"このコンピューターのウイルス対策ソフトやファイアウォールがメールを検査していますか。サーバーの代わりに接続を受け付けることがあります。それを切るか、別のネットワークで試してください。",
				"続く場合は、メールサービスに連絡してください。",
			},
			AdminAdvice: []string{"{host} のポート {port} のサービスが応答しているかどうかと、その負荷を確認してください。"},
		}},
	},
	{
		byRule("forged-certificate"),
		entry{report.TLSIntercepted, Words{
			Title:       "what answered is not {host}, but claims to be",
			Explanation: "{host} is a known server, and its certificate is good. This one was made by somebody else in its name. Whoever did so can read what is sent: somebody on this network, a company firewall, or a virus scanner.",
			Advice: []string{
				"Do not log in on this network, and do not accept the certificate. Try another network, for example a phone's.",
				"Is it the same on every network? Then a program on this computer does it: switch the mail check of the virus scanner off, and run: mailcheck {address}",
				"Is it the network of a company or school? Ask its administrator to leave the mail ports out of the inspection.",
			},
		}, Words{
			Title:       "応答したのは {host} ではなく、それを装ったものです",
			Explanation: "{host} は既知のサーバーで、その証明書は正しいものです。この証明書は、別の誰かがその名前で作りました。作った者 (このネットワークの誰か、会社のファイアウォール、ウイルス対策ソフト) は通信を読めます。",
			Advice: []string{
				"このネットワークではログインせず、証明書も受け入れないでください。スマートフォンの回線など、別のネットワークで試してください。",
				"どのネットワークでも同じですか。その場合は、このコンピューターのソフトが原因です。ウイルス対策ソフトのメール検査を切って、実行してください: mailcheck {address}",
				"会社や学校のネットワークですか。メールのポートを検査から外すよう、管理者に依頼してください。",
			},
		}},
	},
	{
		byRule("expired-lately"),
		entry{report.TLSExpired, Words{
			Title:       "the certificate of {host} has just expired",
			Explanation: "The server should have got a new one before, and did not. Mail programs refuse the old one or warn about it until that is done.",
			Advice: []string{
				"Wait some hours: providers mostly notice it themselves. If it lasts, tell the provider that the certificate of {server} has expired.",
				"Change nothing in the mail program, and do not switch the check of certificates off.",
				"Are the date and the time of this computer right? A wrong clock looks the same.",
			},
			AdminAdvice: []string{"Renew the certificate, let every mail service on {host} load it again, and see why the renewal did not run."},
		}, Words{
			Title:       "{host} の証明書の有効期限が切れたばかりです",
			Explanation: "サーバーの証明書は期限の前に更新されるはずでしたが、されていません。更新されるまで、メールソフトは接続を断るか、警告を出します。",
			Advice: []string{
				"数時間待ってください。多くの場合、メールサービスが自分で気付きます。続く場合は、{server} の証明書の期限が切れていることを伝えてください。",
				"メールソフトの設定は変えず、証明書の確認もオフにしないでください。",
				"このコンピューターの日付と時刻は正しいですか。時計が違う場合も、同じようになります。",
			},
			AdminAdvice: []string{"証明書を更新し、{host} のすべてのメールサービスに読み込ませ、自動更新が動かなかった理由を確認してください。"},
		}},
	},
	{
		all(caused(report.TLSExpired), clockRight),
		entry{report.TLSExpired, Words{
			Title:       "the certificate of {host} has expired",
			Explanation: "Mail programs refuse it or warn about it. The fault is the server's.",
			Advice: []string{
				"Tell the provider that the certificate of {server} has expired, and wait.",
				"Change nothing in the mail program, and do not switch the check of certificates off.",
			},
			AdminAdvice: []string{"Renew the certificate, let every mail service on {host} load it again, and see why the renewal did not run."},
		}, Words{
			Title:       "{host} の証明書の有効期限が切れています",
			Explanation: "メールソフトは接続を断るか、警告を出します。サーバー側の問題です。",
			Advice: []string{
				"{server} の証明書の期限が切れていることをメールサービスに伝え、直るのを待ってください。",
				"メールソフトの設定は変えず、証明書の確認もオフにしないでください。",
			},
			AdminAdvice: []string{"証明書を更新し、{host} のすべてのメールサービスに読み込ませ、自動更新が動かなかった理由を確認してください。"},
		}},
	},
	{
		all(caused(report.ConnectAddressDead), onlyIPv6Dead),
		entry{report.ConnectAddressDead, Words{
			Title:       "{host} does not answer over IPv6",
			Explanation: "Mail programs that try IPv6 first are slow, or fail now and then. Either the server is at fault, or IPv6 on this line.",
			Advice: []string{
				"Is a mail program slow, or does it fail now and then? Let it use IPv4 alone, or switch IPv6 off on this computer until it is repaired.",
				"Open https://test-ipv6.com in the web browser. Does IPv6 work there? Then tell the provider which address is dead; otherwise tell whoever runs this line.",
			},
			AdminAdvice: []string{"Bring the address back, or take it out of the DNS of {host}."},
		}, Words{
			Title:       "{host} が IPv6 で応答しません",
			Explanation: "IPv6 を先に試すメールソフトは、遅くなったり、ときどき失敗したりします。サーバーか、この回線の IPv6 に問題があります。",
			Advice: []string{
				"メールソフトが遅い、またはときどき失敗しますか。直るまで、IPv4 だけを使うように設定するか、このコンピューターの IPv6 を切ってください。",
				"Web ブラウザーで https://test-ipv6.com を開いてください。そこで IPv6 が使えますか。その場合は、応答しない IP アドレスをメールサービスに伝えてください。使えない場合は、この回線の管理者に伝えてください。",
			},
			AdminAdvice: []string{"その IP アドレスを復旧するか、{host} の DNS から外してください。"},
		}},
	},
	{
		byRule("stranger-answers"),
		entry{report.TLSHostnameMismatch, Words{
			Title:       "what answered is probably not {host}",
			Explanation: "The certificate is for another name, and whoever answered made it itself: the sign-in page of a guest network, a router, or another server that the DNS names by mistake.",
			Advice: []string{
				"On a guest network (hotel, train), open the web browser and sign in to the network first.",
				"Try another network, for example a phone's. Does it work there? Then the DNS or a device of this network leads elsewhere: restart the router, or ask whoever runs it.",
				"Is it the same everywhere? Then compare {host} with the help page. Do not accept the certificate, and do not log in.",
			},
			AdminAdvice: []string{"See where {host} leads to, and give the server there a certificate for that name: Let's Encrypt costs nothing."},
		}, Words{
			Title:       "応答したのは {host} ではないようです",
			Explanation: "証明書は別の名前のもので、応答した相手が自分で作ったものです。ゲスト用ネットワークのログイン画面、ルーター、または DNS が誤って示している別のサーバーです。",
			Advice: []string{
				"ホテルや電車などのゲスト用ネットワークでは、先に Web ブラウザーを開いてログインしてください。",
				"スマートフォンの回線など、別のネットワークで試してください。そこで動くなら、このネットワークの DNS か機器が別の所につないでいます。ルーターを再起動するか、管理者に相談してください。",
				"どこでも同じですか。その場合は、{host} をヘルプページと比べてください。証明書を受け入れず、ログインもしないでください。",
			},
			AdminAdvice: []string{"{host} がどこにつながるかを確認し、そのサーバーにこの名前の証明書を付けてください。Let's Encrypt は無料です。"},
		}},
	},
	{
		byRule("login-at-a-stranger"),
		entry{report.AuthBadCredentials, Words{
			Title:       "whoever answers as {host} did not accept the {secret}",
			Explanation: "The certificate does not show that it is the server (--insecure lets that pass). So it is open whether the {secret} is wrong, and somebody else may have read it.",
			Advice: []string{
				"Do not log in on this network again. Try another one, for example a phone's, without --insecure: mailcheck {address}",
				"Is the certificate good there? Then change the {secret}: it was sent to somebody else here.",
				"Is it a server of your company or your own? Get the certificate of its authority from the administrator: mailcheck --ca-file FILE {address}",
			},
			AdminAdvice: []string{"Give {host} a certificate from a public authority: Let's Encrypt costs nothing."},
		}, Words{
			Title:       "{host} として応答した相手が{secret}を断りました",
			Explanation: "証明書からは、本当のサーバーかどうか分かりません (--insecure で通しました)。{secret}が違うのかどうかは分からず、別の誰かに読まれたかもしれません。",
			Advice: []string{
				"このネットワークではもうログインしないでください。スマートフォンの回線など、別のネットワークで、--insecure を付けずに試してください: mailcheck {address}",
				"そこでは証明書に問題がありませんか。その場合は、{secret}を変更してください。ここでは別の誰かに送られています。",
				"会社またはご自分のサーバーですか。認証局の証明書を管理者から受け取ってください: mailcheck --ca-file FILE {address}",
			},
			AdminAdvice: []string{"{host} で公的な認証局の証明書を使ってください。Let's Encrypt は無料です。"},
		}},
	},
	{
		byRule("locked-after-misuse"),
		entry{report.AuthAccountLocked, Words{
			Title:       "the account is locked, probably after misuse",
			Explanation: "The login is refused in one place, and sending in the other. Providers do both when unwanted mail is sent from an account: often somebody else knows the password, or a computer is infected.",
			Advice: []string{
				"Scan the computers and phones that use the account for malicious software, or take one that is surely clean for what follows.",
				"Log in on the provider's web page there, set a new password, sign out everywhere, and remove filters, forwardings and app passwords that you do not know.",
				"Then wait for the lock to end, or ask the provider to end it. Do not try to log in again and again until then.",
			},
			AdminAdvice: []string{"Look in the log of {host} what {user} has sent, and from where; clean up, then unblock."},
		}, Words{
			Title:       "アカウントは、おそらく悪用のためにロックされています",
			Explanation: "ログインも送信も断られています。アカウントから迷惑メールが送られると、そうなります。多くの場合、パスワードを他人に知られているか、コンピューターが感染しています。",
			Advice: []string{
				"このアカウントを使うコンピューターとスマートフォンを、ウイルス対策ソフトで検査してください。この後の作業は、安全と分かっている機器で行ってください。",
				"その機器でメールサービスの Web ページにログインし、新しいパスワードを設定し、すべての機器からログアウトし、覚えのないフィルター、転送、アプリパスワードを削除してください。",
				"その後、ロックが解けるのを待つか、メールサービスに解除を依頼してください。それまで何度もログインを試さないでください。",
			},
			AdminAdvice: []string{"{user} が何をどこから送ったかを {host} のログで確認し、対処してから解除してください。"},
		}},
	},
}
