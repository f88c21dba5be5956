package diagnose

import (
	"errors"
	"net/url"

	"mailcheck/internal/provider"
	"mailcheck/report"
)

// ofGrant judges the refusal of an authorization server by the rules: its code
// is a word among the others, as what it says beside tells more. (Microsoft
// says invalid_grant of an expired sign-in, of a missing consent and of a
// policy, and only its AADSTS number tells which.)
func ofGrant(e *report.GrantError) diagnosis {
	text := bounded(e.Said())
	h := heard{protocol: OAuth, step: "token", secret: tokenSecret, folds: folded(text, ""), verbatim: text}
	for _, p := range provider.All() {
		if p.OAuth2 != nil && hostOf(p.OAuth2.Token) == e.Host {
			h.speakers = append(h.speakers, p.ID)
		}
	}
	d := diagnosis{cause: report.Unknown}
	if text != "" {
		d = h.judge().diagnosis
	}
	if d.cause != report.Unknown {
		return d
	}
	switch { // by RFC 6585 section 4, RFC 9110 section 15.6
	case e.Status == 429:
		return diagnosis{cause: report.AuthRateLimited, confidence: report.High, temporary: true}
	case e.Status >= 500:
		return diagnosis{cause: report.ServerTemporarilyUnavailable, confidence: report.High, temporary: true}
	}
	return d
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// keptSignIn tells the check of a sign-in that is kept, which the authorization
// server judges and no mail server.
func keptSignIn(_ setting, check *report.Check, step *report.Step) bool {
	var refused *report.GrantError
	return check.ID == "creds" && errors.As(step.Err, &refused)
}

// unkeptSignIn tells a sign-in that was renewed, and not kept so.
func unkeptSignIn(_ setting, check *report.Check, step *report.Step) bool {
	return check.ID == "creds" && step.Step == "token" && step.Result == report.Warn
}

// signInVariants are the words for a sign-in that gives no token any more.
var signInVariants = []variant{
	{
		all(caused(report.AuthTokenExpired), keptSignIn),
		entry{report.AuthTokenExpired, Words{
			Title:       "the sign-in of {address} is no longer valid",
			Explanation: "The provider gave no access token for the sign-in that the keyring holds: it has run out or was withdrawn. A new password, months without use, or an app that is still in testing (Google: 7 days) end one. No login was made.",
			Advice: []string{
				"Sign in again: mailcheck login {address}",
				"Is the app your own, and in testing? Publish it, so that sign-ins last.",
			},
			AdminAdvice: []string{"Look in the sign-in log of the organisation why the refresh token was refused."},
		}, Words{
			Title:       "{address} のサインインは無効になっています",
			Explanation: "キーリングにあるサインインに対して、アクセストークンが発行されませんでした。期限切れか、取り消されています。パスワードの変更、長い間使わないこと、テスト中のアプリ (Google では 7 日) が原因になります。ログインはしていません。",
			Advice: []string{
				"もう一度サインインしてください: mailcheck login {address}",
				"ご自分のアプリで、テスト中ですか。公開すると、サインインが長く続きます。",
			},
			AdminAdvice: []string{"更新トークンが断られた理由を、組織のサインインのログで確認してください。"},
		}},
	},
	{
		all(caused(report.AuthWebLoginRequired), keptSignIn),
		entry{report.AuthWebLoginRequired, Words{
			Title:       "the provider wants {address} to sign in anew",
			Explanation: "The sign-in that the keyring holds is not enough any more: the provider asks for a second step (a code, a phone) or a confirmation. No login was made.",
			Advice: []string{
				"Sign in again, and answer what the provider asks: mailcheck login {address}",
			},
			AdminAdvice: []string{"Look in the sign-in log of the organisation which check asked for the second step."},
		}, Words{
			Title:       "{address} はサインインし直す必要があります",
			Explanation: "キーリングにあるサインインでは足りなくなりました。2 段階目の確認 (コードやスマートフォン) などが求められています。ログインはしていません。",
			Advice: []string{
				"もう一度サインインし、求められたことに答えてください: mailcheck login {address}",
			},
			AdminAdvice: []string{"どの確認が 2 段階目を求めたかを、組織のサインインのログで確認してください。"},
		}},
	},
	{
		all(caused(report.CredsKeyringUnavailable, report.CredsKeyringLocked), unkeptSignIn),
		entry{report.CredsKeyringUnavailable, Words{
			Title:       "the renewed sign-in could not be kept in the keyring",
			Explanation: "The provider gave a new refresh token in place of the older one, and the keyring did not take it. This run was made all the same; the next one may find the older one withdrawn.",
			Advice: []string{
				"When the next run finds no sign-in that is valid, sign in again: mailcheck login {address}",
			},
		}, Words{
			Title:       "更新されたサインインをキーリングに保存できませんでした",
			Explanation: "新しい更新トークンが発行されましたが、キーリングに入りませんでした。今回の確認はできましたが、次回は古いトークンが取り消されているかもしれません。",
			Advice: []string{
				"次回、有効なサインインがないと表示されたら、もう一度サインインしてください: mailcheck login {address}",
			},
		}},
	},
}
