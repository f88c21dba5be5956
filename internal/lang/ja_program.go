package lang

// jaProgram is what the program itself asks and answers.
var jaProgram = map[Text]string{
	"%s is outside %s, and only unsigned DNS names it. Send it the password?": "%s は %s の外にあり、署名のない DNS だけが示しています。パスワードを送りますか?",
	"Password for %s":                          "%s のパスワード",
	"The same once more":                       "もう一度同じパスワード",
	"Keep it in the keyring of this computer?": "このコンピューターのキーリングに保存しますか?",
	"it is not kept: %v":                       "保存されませんでした: %v",
	"stored; now run: mailcheck %s":            "保存しました。次に実行してください: mailcheck %s",
	"the keyring holds a password for %s":      "キーリングに %s のパスワードがあります",
	"removed":                                  "削除しました",
}
