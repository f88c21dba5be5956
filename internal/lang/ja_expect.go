package lang

// jaExpect is what is said of --expect.
func jaExpect() map[Text]string {
	return map[Text]string{
		"ALL AS EXPECTED: %s.":                                          "期待どおりです: %s。",
		"ALL AS EXPECTED, BUT %s WARNED: %s.":                           "期待どおりですが、%s に警告があります: %s。",
		"NOT AS EXPECTED: %s came to %s, and %s was expected.":          "期待と違います: %s の結果は %s で、期待は %s でした。",
		"NOT AS EXPECTED: %s did not run, and %s was expected.":         "期待と違います: %s は実行されませんでした。期待は %s でした。",
		"What was expected":                                             "期待した結果",
		"it came to %s":                                                 "結果は %s",
		"no such step ran":                                              "該当するステップは実行されませんでした",
		"%s came to %s":                                                 "%s の結果は %s",
		"%d expectations held":                                          "%d 件すべて期待どおり",
		"No step of this name ran, so there is nothing to compare.":     "この名前のステップは実行されなかったため、比較できません。",
		"%s was not asked for: other flags leave it out.":               "%s は指定されていません。ほかのフラグで除外されています。",
		"%s was not reached, because %s failed.":                        "%s は、その前に %s が失敗したため実行されませんでした。",
		"Find out what has changed at the server, or on the way to it.": "サーバーやそこまでの経路で、何が変わったかを調べてください。",
		"Is what happened right? Then change the expectation: --expect STEP=RESULT[:CAUSE]":                                                      "実際の結果が正しい場合は、期待のほうを変更してください: --expect STEP=RESULT[:CAUSE]",
		"Without a login the server takes mail for %s. If that address is not one of its own, it is an open relay: anybody can send through it.": "サーバーは、ログインなしで %s 宛のメールを受け付けます。自分のドメインのアドレスでなければ、誰でも送信に使える状態（オープンリレー）です。",
	}
}
