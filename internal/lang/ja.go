package lang

import (
	"maps"
	"sync"
)

// japanese has the Japanese text for each English one. Names, commands and
// numbers stand apart from Japanese by a space, except at punctuation.
// They are made when somebody first wants Japanese.
var japanese = sync.OnceValue(func() map[Text]string {
	all := map[Text]string{}
	for _, table := range japaneseTables {
		maps.Copy(all, table())
	}
	return all
})

var japaneseTables = []func() map[Text]string{
	jaLists, jaValues, jaEvidence, jaVerdict, jaExpect, jaDiscovery,
	jaProbes, jaQuestions, jaExplain,
	jaReport, jaChecks, jaSettings, jaClosing, jaProgram, jaOutputs, jaBatch,
}

func jaLists() map[Text]string {
	return map[Text]string{
		"%s and %s": "%s と %s",
		"%s or %s":  "%s または %s",
		", ":        "、",
		"%d more":   "他 %d 件",
	}
}

// jaValues stand for what is not known of an account or a server, or are put
// into other texts.
func jaValues() map[Text]string {
	return map[Text]string{
		"the provider":                         "メールサービス",
		"the user name of the help page":       "ヘルプページのユーザー名",
		"the server of the help page":          "ヘルプページのサーバー",
		"the sender":                           "送信者",
		"the recipient":                        "宛先",
		"another server":                       "別のサーバー",
		"%s.":                                  "%s。",
		"NAME":                                 "名前",
		"the DNS server":                       "DNS サーバー",
		"the server":                           "サーバー",
		"%s port %s":                           "%s のポート %s",
		"the domain":                           "そのドメイン",
		"mail":                                 "メール",
		"password":                             "パスワード",
		"sign-in":                              "サインイン",
		"993 (IMAP), 995 (POP3) or 465 (SMTP)": "993 (IMAP)、995 (POP3)、465 (SMTP)",
		"143 (IMAP), 110 (POP3) or 587 (SMTP)": "143 (IMAP)、110 (POP3)、587 (SMTP)",
		"your user name":                       "お使いのユーザー名",
		"the other form (the whole address, or the part before the @)": "もう一方の形 (メールアドレス全体、または @ より前の部分)",
		"a name that the certificate is for":                           "証明書に書かれた名前",
	}
}
