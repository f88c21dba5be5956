package diagnose

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"mailcheck/internal/lang"
	"mailcheck/internal/provider"
	"mailcheck/report"
)

var (
	// verbatim is what stays in its language: quotations, pages and commands.
	verbatim = regexp.MustCompile(`「[^」]*」|https?://[!-~]+|mailcheck [!-~]+(?: [!-~]+)*`)
	english  = regexp.MustCompile(` (?:the|an?|is|are|of|and|or|not|to|for|with|on|in) |\b[a-z]{2,}(?: [a-z]{2,}){2,}`)
)

// leftEnglish finds English in what a reader of Japanese is told at a provider:
// a sentence of the built-in table that was not translated.
func leftEnglish(text string, p *provider.Provider) string {
	text = strings.ReplaceAll(text, p.NameIn(lang.Japanese), "")
	return english.FindString(verbatim.ReplaceAllString(text, ""))
}

// The sentences that a cause and a provider bring together are chosen by their
// English words, and said in Japanese.
func TestJapaneseFitsTheProvider(t *testing.T) {
	for _, tt := range []struct {
		address, host string
		protocol      report.Protocol
		cause         report.Cause
		want          []string
	}{
		{"anna@yahoo.co.jp", "smtp.mail.yahoo.co.jp", report.SMTP, report.AuthBadCredentials, []string{
			"「anna (Yahoo! JAPAN ID。通常は @ より前の部分)」", "「Yahoo! JAPAN公式サービス以外からのアクセスも有効にする」を選び"}},
		{"anna@yahoo.co.jp", "smtp.mail.yahoo.co.jp", report.SMTP, report.AuthBlockedByPolicy, []string{
			"Yahoo!メールの注意点: 海外からのログインは"}},
		{"anna@docomo.ne.jp", "imap.spmode.ne.jp", report.IMAP, report.AuthBadCredentials, []string{
			"ドコモメールの注意点: パスワードは、dアカウントのパスワードではなく",
			"ドコモメールの変更 (2019-11-26 から): 国内からも「IMAP専用パスワード」が必要になりました。"}},
		{"anna@gmail.com", "imap.gmail.com", report.IMAP, report.AuthBadCredentials, []string{
			"Gmail の変更 (2022-05-30 から): 個人のアカウントで"}},
		{"anna@icloud.com", "smtp.mail.me.com", report.SMTP, report.ConnectRefused, []string{
			"iCloud Mail の注意点: SMTP はポート 587 の STARTTLS です。"}},
	} {
		s, check, step := adviceAt(tt.address, report.CheckEndpoint{Host: tt.host, Port: 993}, tt.protocol, tt.cause)
		s.report.Lang, s.Tag = string(lang.Japanese), lang.Japanese
		said := strings.Join(s.word(check, step).texts(), "\n")
		if i := slices.IndexFunc(tt.want, func(want string) bool { return !strings.Contains(said, want) }); i >= 0 {
			t.Errorf("%s: no %q in\n%s", tt.address, tt.want[i], said)
		}
	}
}
