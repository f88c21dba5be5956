package diagnose

import (
	"strings"
	"sync"
	"unicode"

	"mailcheck/internal/lazyre"
)

const hidden = "[...]"

// quoted is a string in quotes, of which the end may be missing.
const quoted = `\\"[^"\n]*"?|"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?|“[^”\n]*”?|„[^“”\n]*[“”]?|«[^»\n]*»?|「[^」\n]*」?`

// passwordWord is what people and programs call a password; the short words
// are not part of another one.
const passwordWord = `(?:(?:password|passwd|passphrase|passcode|passwort|kennwort|wachtwoord|contraseñ?n?a|senha|mot de passe)\b|` +
	`(?:\b|_|[a-z])(?:pass|pwd|pswd)\b|(?:\b|_)(?:pw|mdp|token|secret|api_?key)\b|` +
	`пароль|パスワード|ﾊﾟｽﾜｰﾄﾞ|暗証番号|密码|密碼|口令|授权码|비밀번호|암호)`

// What a pasted text may hold that is nobody else's business.
var (
	mailAddress = sieveOf(`[^\s<>"'(),;:\[\]=]+(?:@|%40|\x{ff20})[^\s<>"'(),;:\[\]]+|`+
		`[\w.+%-]+[ \t]*(?:@|\x{ff20}|\(at\)|\[at\])[ \t]*[\w-]+(?:\.[\w-]+)+`, "@", "%40", "\uff20", "(at)", "[at]")
	// userinfo is the one of a URL.
	userinfo = sieveOf(`(://)[^\s/@]+@`, "://")
	// nameOfSecret is in every text that has one of the next four.
	nameOfSecret = lazyre.New(`(?i)` + passwordWord + `|bearer`)
	// labelled is a secret behind its name at the start of a line: it may have
	// blanks.
	labelled = lazyre.New(`(?im)^([^\p{L}\n]*(?:(?:my|the|your|mein|das|dein|le|mon|la|mi|a|minha)[ \t]+)?` + passwordWord + `[ \t]*[:：=＝][ \t]*)\S[^\n]*`)
	// namedSecret is a field, or a member of JSON, that says what it holds.
	namedSecret = lazyre.New(`(?i)(` + passwordWord + `\\?["']?\s*(?:=>|->|[:=：＝])\s*|\bbearer[\s:=]+)(` + quoted + `|\S+)`)
	// quotedSecret has no more than a blank, or a small word, before it.
	quotedSecret = lazyre.New(`(?i)(` + passwordWord + `(?:[ \t]*[はがをを가이은는是为][ \t]*|[ \t]+(?:(?:is|was|ist|war|est|es|è|é|lautet)[ \t]+)?))(` + quoted + `)`)
	// element is one of XML, or a pair of a property list.
	element = sieveOf(`(?i)(<[\w:.-]*(?:pass|pwd|pw|secret|token)[\w:.-]*(?:[ \t][^<>\n]*)?>|<key>[^<\n]*(?:pass|secret|token)[^<\n]*</key>\s*<string>)[^<]+`, "<")
	// commandPass is POP3's command alone on its line, or as a program logs it.
	commandPass = lazyre.New(`(?im)^((?:[^\p{L}\n]*[CS]?[^\p{L}\n]*|.*(?:>|->|C:)[ \t]*)PASS[ \t]+)\S[^\n]*`)
	// otherPass stands elsewhere: it may be what a server calls the command.
	otherPass = lazyre.New(`\b(PASS[ \t]+)(\S[^\n]*)`)
	// commandLogin is IMAP's command behind its tag; a tag is no code of SMTP.
	commandLogin = lazyre.New(`(?im)(^[^\p{L}\n]*(?:C:[ \t]*)?[a-z]|\b(?:[a-z]+\d+|\d{1,2}|\d{4,}))([ \t]+LOGIN[ \t]+(?:"(?:[^"\\\n]|\\.)*"|\S+)[ \t]+)\S[^\n]*`)
	// literals are the arguments of LOGIN on lines of their own.
	literals = sieveOf(`(?i)(\bLOGIN[ \t][^\n]*\{\d+\+?\}[ \t\r]*)(?:\n[^\n]*){1,4}`, "{")
	// commandAuth is a command with an initial response.
	commandAuth = lazyre.New(`(?i)(\bAUTH(?:ENTICATE)?[ \t]+(?:PLAIN|LOGIN|XOAUTH2|OAUTHBEARER)[ \t]+)(\S+)`)
	// loginCall is one of a program.
	loginCall = sieveOf(`(?i)(\.(?:login|auth|authenticate)\()[^\n]+`, "(")
	// userFlag is how curl and others take a user and a password.
	userFlag = sieveOf(`((?:^|\s)(?:-u|--user|--proxy-user)(?:[ \t]+|=)?)(`+quoted+`|[^\s:]+:(?:`+quoted+`|\S+))`, "-")
	// userPair is a user and a password in one word.
	userPair = lazyre.New(`(?i)(\b(?:login|logon|user|username|account|credentials|auth)[ \t:=]+)([^\s/:]+)([/:])([^\s/][^\s]*)`)
	// following is a password's name, and the place of the word behind it.
	following = lazyre.New(`(?i)` + passwordWord + `(?:[)"'”]?[ \t]*[はがをも가이은는是为][ \t]*|[)"'”,]?[ \t]+(?:[-–—][ \t]+)?)(?:(?:for|of|from)[ \t]+\S+[ \t]+(?:\w+[ \t]+)??)?(?:(?:is|was|are|ist|war|lautet|est|es|è|é)[ \t]+)?`)
	// opaque is a word that no person wrote: base64, a token, an id.
	opaque = lazyre.New(`[A-Za-z0-9+/_=-]{20,}|[A-Za-z0-9+/]{6,}={1,2}`)
	// piece is a part of a text between blanks, marks and other scripts.
	piece = lazyre.New(`[^\s"'<>()\[\]{},;=:/|\\。、「」：＝（）“”\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}]+`)
)

// masked returns a text without mail addresses, secrets, long opaque words and
// words that look like a password.
func masked(text string) string {
	text = element.replace(text, "${1}"+hidden)
	lower := strings.ToLower(text)
	has := func(word string) bool { return strings.Contains(lower, word) }
	if has("pass ") || has("pass\t") {
		text = commandPass.ReplaceAllString(text, "${1}"+hidden)
		text = replaceGroups(otherPass, text, func(g []string) string { return g[1] + unlessReply(g[2]) })
	}
	if has("login") {
		text = literals.replace(text, "${1}\n"+hidden)
		text = commandLogin.ReplaceAllString(text, "${1}${2}"+hidden)
	}
	if has("auth") {
		text = replaceGroups(commandAuth, text, func(g []string) string { return g[1] + unlessReply(g[2]) })
	}
	text = loginCall.replace(text, "${1}"+hidden)
	text = userFlag.replace(text, "${1}"+hidden)
	if nameOfSecret.MatchString(text) {
		text = labelled.ReplaceAllString(text, "${1}"+hidden)
		text = namedSecret.ReplaceAllString(text, "${1}"+hidden)
		text = quotedSecret.ReplaceAllString(text, "${1}"+hidden)
		text = maskedFollowing(text)
	}
	text = userinfo.replace(text, "${1}"+hidden+"@")
	text = replaceGroups(userPair, text, func(g []string) string {
		if ordinary(g[2]) && ordinary(g[4]) {
			return g[0]
		}
		return g[1] + hidden
	})
	text = mailAddress.replace(text, "[address]")
	text = opaque.ReplaceAllStringFunc(text, func(word string) string {
		if ordinary(word) {
			return word
		}
		return hidden
	})
	return piece.ReplaceAllStringFunc(text, func(word string) string {
		if guarded(word) {
			return hidden
		}
		return word
	})
}

// replaceGroups replaces each match by what is made of it and its groups.
func replaceGroups(re *lazyre.Regexp, text string, with func([]string) string) string {
	return re.ReplaceAllStringFunc(text, func(found string) string { return with(re.FindStringSubmatch(found)) })
}

// unlessReply masks words that do not begin as a server's do.
func unlessReply(words string) string {
	first, _, _ := strings.Cut(words, " ")
	if ordinary(first) {
		return words
	}
	return hidden
}

// maskedFollowing masks the words behind a password's name, up to the first
// one that replies have.
func maskedFollowing(text string) string {
	var b strings.Builder
	for {
		at := following.FindStringIndex(text)
		if at == nil {
			return b.String() + text
		}
		b.WriteString(text[:at[1]])
		text = text[at[1]:]
		for !strings.HasPrefix(text, hidden) {
			end := strings.IndexFunc(text, func(r rune) bool { return unicode.IsSpace(r) || eastAsian(r) })
			if end < 0 {
				end = len(text)
			}
			word := text[:end]
			if end == 0 || ordinary(word) {
				break
			}
			core := strings.TrimRight(word, ".,;:!?)>\"'")
			b.WriteString(hidden + word[len(core):])
			text = text[end:]
			if len(core) < len(word) || !strings.HasPrefix(text, " ") {
				break
			}
			b.WriteByte(' ')
			text = text[1:]
		}
	}
}

// eastAsian are the letters of the scripts that set no blanks, and their
// marks.
func eastAsian(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) || r >= 0x3000 && r <= 0x303f || r >= 0xff00
}

// plainNumber is a number, or a code of several.
var plainNumber = lazyre.New(`^#?[0-9]{1,3}(?:[.-][0-9]+)*$`)

// ordinary tells a word of replies, a short number and mere marks from what
// may be a password.
func ordinary(word string) bool {
	word = strings.ToLower(strings.TrimFunc(word, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '#' }))
	if word == "" || plainNumber.MatchString(word) {
		return true
	}
	if strings.ContainsAny(word, "0123456789") {
		return technical(word)
	}
	for _, part := range strings.FieldsFunc(word, func(r rune) bool { return strings.ContainsRune("-/'’,.:;()_", r) }) {
		foreign := strings.ContainsFunc(part, func(r rune) bool { return r > unicode.MaxASCII })
		if len(part) > 1 && !vocabulary()[part] && !foreign {
			return false
		}
	}
	return true
}

// guarded tells whether a word has small letters and digits, as passwords do,
// and is nothing that replies have.
func guarded(word string) bool {
	word = strings.Trim(word, ".!?*#-")
	return len(word) > 3 && strings.ContainsAny(word, "0123456789") && strings.ContainsFunc(word, unicode.IsLower) && !technical(strings.ToLower(word))
}

// technicalWord are names and numbers: a host, a version, a size, a protocol,
// an error number, an IPv6 address.
var technicalWord = lazyre.New(`^(?:[\w-]+(?:\.[\w-]+)*\.[a-z][a-z-]+\.?|[a-z]{0,2}\d+(?:\.\d+)+|\d+(?:ms|s|m|min|h|d|st|nd|rd|th|kb?|mb|gb|am|pm|x)|` +
	`(?:tlsv?|sslv?|imap|pop|rfc|x\.?|ipv?|utf-?|sha-?|hmac-sha|md|cram-md|x?oauth|base|office|http|iso-|win|smtp|port|line|errno|as)[\d.-]+(?:rev\d|s)?|` +
	`scram-sha-\d+(?:-plus)?|0x[0-9a-f]+|aadsts\d+|auth\d+)$`)

// technical tells such a word, in small letters.
func technical(word string) bool { return technicalWord.MatchString(word) }

// vocabulary is the words that replies are made of: those of the rules and of
// their examples, and some more.
var vocabulary = sync.OnceValue(func() map[string]bool {
	words := map[string]bool{}
	add := func(texts ...string) {
		for _, text := range texts {
			for _, w := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) }) {
				words[w] = true
			}
		}
	}
	b, _ := rulebook()
	for _, r := range b.rules {
		add(r.All...)
		add(r.Any...)
		add(r.None...)
		add(r.Exact...)
		add(r.Examples...)
	}
	add(moreWords)
	return words
})

const moreWords = `
a again all an and any are as at authentication be been before but by can cannot change changed check combination contact
correct could credentials database denied did do does doesn't don't empty enter entered error expired expires failed failure file
for format from issuance given had has have hash he her his if in incorrect into invalid is isn't it its length long mandatory manager match
mechanism mismatch missing must my needed needs new no not of ok okay on only or our over pair please policy prompt protected
provided recovery refused rejected renewal required reset retry said sent set settings she short should sign specified still
stored supplied than that the then there they this to too try twice type unknown unless until updated use used user username
verification verify was wasn't we weak were what when which while who why will with within without works would wrong you your
command parameter plain login argument arguments auth
falsch ist nicht oder und wurde wird ung fehlt stimmt konnte kann das der die abgelaufen erforderlich ist bitte zu lang kurz
incorrect incorrecte invalide est pas ou et le la les des du de pour refuse expire requis manquant errone
incorrecta incorrecto es no o y para con la el ha sido caducado errata errato non valida scaduta sbagliata incorreta invalida esta ou e da do`
