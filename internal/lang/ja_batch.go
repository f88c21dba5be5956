package lang

// jaBatch is what a batch says.
func jaBatch() map[Text]string {
	return map[Text]string{
		"Accounts to check: %d, at most %d at the same time.": "確認するアカウント: %d 件、同時に最大 %d 件。",
		"Done already: %d.":               "確認済み: %d 件。",
		"A test message is sent for: %d.": "テストメールを送るもの: %d 件。",
		"accounts: %d of %d":              "アカウント %[2]d 件中 %[1]d 件",
		"%d running":                      "確認中 %d 件",
		"%d failed":                       "失敗 %d 件",
		"about %s left":                   "残り約 %s",
		"%d ok":                           "正常 %d 件",
		"%d with a warning":               "警告 %d 件",
		"%d not checked to the end":       "最後まで確認していないもの %d 件",
		"%d not begun":                    "開始していないもの %d 件",
		"Accounts: %d, in %s: %s.":        "アカウント %d 件、所要時間 %s: %s。",
		"Before that: %d.":                "以前に確認したもの: %d 件。",
		"Before that: %d, of which %d failed; to check those again, take their lines out of the file of --resume.": "以前に確認したもの: %d 件、うち失敗 %d 件。もう一度確認するには、その行を --resume のファイルから除いてください。",
		"%s and %d more":          "%s ほか %d 件",
		"In other ways: %d more.": "ほかの理由: %d 件。",
		"%.1f s":                  "%.1f 秒",
		"%d min %d s":             "%d 分 %d 秒",
		"%d h %d min":             "%d 時間 %d 分",
	}
}
