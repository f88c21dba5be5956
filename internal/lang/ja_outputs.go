package lang

// jaOutputs is what a web page and the summary of a CI job say beside the text
// report.
func jaOutputs() map[Text]string {
	return map[Text]string{
		"Mail check of %s":     "%s のメールの確認結果",
		"All checks":           "すべての確認項目",
		"check":                "確認項目",
		"Details":              "詳細",
		"Transcript":           "通信の記録",
		"What the sources say": "各情報源の内容",
		"receiving":            "受信",
		"delivery":             "配信",
		"not checked":          "確認していません",
	}
}
