package diagnose

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// straight has the plain form of characters that programs beautify.
var straight = strings.NewReplacer("\u2018", "'", "\u2019", "'", "\u201c", `"`, "\u201d", `"`, "\u2013", "-", "\u2014", "-",
	"\u2026", "...", "\u00a0", " ", "\u3000", " ")

// fold is text as phrases see it: lower case, one space for any white space,
// straight quotes, no accents, one spelling.
func fold(text string) string {
	return oneSpelling(strings.Join(strings.Fields(strings.ToLower(straight.Replace(text))), " "))
}

// oneSpelling is text without accents and in one spelling. Most of what rules
// are made of has nothing to replace, which is told faster than done.
func oneSpelling(text string) string {
	if strings.ContainsFunc(text, func(r rune) bool { return r >= utf8.RuneSelf }) {
		text = plain.Replace(text)
	}
	if misspelt(text) {
		text = spelling.Replace(text)
	}
	return text
}

// misspelt tells whether there is something in a text that spelling replaces.
func misspelt(text string) bool {
	for i := 0; i+gramSize <= len(text); i++ {
		begin := gram(text[i:])
		if spellingGrams.has(begin) && slices.ContainsFunc(spellingForms[begin], func(form string) bool { return strings.HasPrefix(text[i:], form) }) {
			return true
		}
	}
	return false
}

// plain has letters as they are written where there is ASCII alone, as in most
// replies (RFC 5321 section 4.2): a rule that has "überschritten" also knows
// "ueberschritten", and one that has "dépassé" knows "depasse". Umlauts are
// those of German.
var plain = strings.NewReplacer(
	"ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss", "æ", "ae", "ø", "oe", "œ", "oe", "å", "a",
	"à", "a", "á", "a", "â", "a", "ã", "a", "ă", "a", "ą", "a", "ç", "c", "ć", "c", "č", "c", "ď", "d", "đ", "d",
	"è", "e", "é", "e", "ê", "e", "ë", "e", "ě", "e", "ę", "e", "ğ", "g", "ì", "i", "í", "i", "î", "i", "ï", "i",
	"ı", "i", "i\u0307", "i", "ł", "l", "ľ", "l", "ñ", "n", "ń", "n", "ň", "n", "ò", "o", "ó", "o", "ô", "o", "õ", "o",
	"ő", "o", "ř", "r", "ś", "s", "š", "s", "ş", "s", "ș", "s", "ť", "t", "ţ", "t", "ț", "t", "ù", "u", "ú", "u",
	"û", "u", "ů", "u", "ű", "u", "ý", "y", "ź", "z", "ż", "z", "ž", "z", "ё", "е",
)

// spelling gives words that are written in several ways one form, in phrases
// and in texts alike: a rule that has "does not accept e-mail" also knows
// "doesn't accept email".
var spelling = strings.NewReplacer(spellings...)

// spellingForms are what spelling replaces, by the gram that it begins with.
var spellingForms = func() map[uint16][]string {
	forms := map[uint16][]string{}
	for i := 0; i < len(spellings); i += 2 {
		begin := gram(spellings[i])
		forms[begin] = append(forms[begin], spellings[i])
	}
	return forms
}()

// spellingGrams are the keys of spellingForms.
var spellingGrams = func() *grams {
	g := &grams{}
	for begin := range spellingForms {
		g.add(begin)
	}
	return g
}()

// spellings are forms that spelling replaces, each with what it becomes.
var spellings = []string{
	"can't", "cannot", "can not", "cannot", "won't", "will not", "n't", " not",
	" dont ", " do not ", " doesnt ", " does not ", " isnt ", " is not ",
	"e-mail", "email", "mail box", "mailbox", "user name", "username", "host name", "hostname",
	"log-in", "login", "log in", "login", "log-on", "logon", "log on", "logon", "sign-in", "sign in",
	"black list", "blacklist", "black-list", "blacklist", "block list", "blocklist", "block-list", "blocklist",
	"white list", "whitelist", "white-list", "whitelist",
	"grey list", "greylist", "grey-list", "greylist", "gray list", "greylist", "gray-list", "greylist", "graylist", "greylist",
	"plain text", "plaintext", "plain-text", "plaintext", "clear text", "cleartext", "clear-text", "cleartext",
	"time-out", "timeout", "rate-limit", "rate limit", "ratelimit", "rate limit", "reverse-dns", "reverse dns",
	"over quota", "overquota", "over-quota", "overquota", "anti-spam", "antispam", "anti spam", "antispam",
	"non-existent", "nonexistent", "non existent", "nonexistent", "non-existing", "nonexistent",
	"non-existant", "nonexistent", "non existant", "nonexistent", "nonexistant", "nonexistent",
	"authoris", "authoriz", "recognis", "recogniz", "temporarly", "temporarily",
	"receipient", "recipient", "recepient", "recipient", "recipent", "recipient",
	"exeed", "exceed", "excede ", "exceed ", "to many ", "too many ", "recieve", "receive", "succesful", "successful",
	"occured", "occurred", "ip adress", "ip address", "email adress ", "email address ", "adress rejected", "address rejected",
	"acount", "account", "avaliable", "available", "availible", "available", "unkown", "unknown", " cert ", " certificate ", "authentification required", "authentication required",
}
