package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// unknown says what is wrong with a key that a section does not take.
func (r *reader) unknown(name string, flags *pflag.FlagSet) string {
	var all []string
	flags.VisitAll(func(f *pflag.Flag) { all = append(all, f.Name) })
	if flags == r.keys.Account {
		all = append(all, addressKey)
	}
	near := nearest(name, all)
	switch {
	case slices.Contains(r.keys.Elsewhere, name):
		return fmt.Sprintf("%s is for the command line alone", name)
	case near != "":
		return fmt.Sprintf("there is no key %q here; did you mean %q?", name, near)
	case isSecret(name):
		return noSecrets(name)
	case r.keys.Defaults.Lookup(name) != nil:
		return fmt.Sprintf("%s belongs under [defaults] or [accounts.NAME]", name)
	case r.keys.SignIn.Lookup(name) != nil:
		return fmt.Sprintf("%s belongs under [oauth.PROVIDER] or [accounts.NAME]", name)
	case r.keys.Account.Lookup(name) != nil:
		return fmt.Sprintf("%s belongs under [accounts.NAME]", name)
	case len(all) > shortList:
		return fmt.Sprintf("there is no key %q; the keys are the flags that mailcheck --help names, without their dashes", name)
	}
	return fmt.Sprintf("there is no key %q here; there are %s", name, strings.Join(all, ", "))
}

// shortList is how many keys an error names, as many as stand on a line.
const shortList = 8

// isSecret tells a key that asks for a secret, by its words.
func isSecret(name string) bool {
	words := strings.FieldsFunc(strings.ToLower(name), func(c rune) bool { return c == '-' || c == '_' || c == '.' })
	return slices.ContainsFunc(words, func(word string) bool {
		return slices.Contains(secretWords, word) || strings.Contains(word, "password") || strings.HasSuffix(word, "token")
	})
}

// secretWords are what programs call their secrets.
var secretWords = []string{"pass", "passwd", "passphrase", "passwort", "pw", "pwd", "secret", "clientsecret", "apikey"}

// noSecrets says where a secret belongs. What stands in the file is not
// repeated.
func noSecrets(name string) string {
	return fmt.Sprintf("%q: no secret stands in this file; take it out, and keep it in the keyring (mailcheck creds set ADDRESS, "+
		"mailcheck login ADDRESS) or name where it is with password-file, password-command or token-command", name)
}

// nearest is the word that another may be a slip for: with two letters changed,
// added or left out at most, and of a short word one. Empty is none.
func nearest(word string, words []string) string {
	best, least := "", min(2, (len(word)+2)/3)+1
	for _, w := range words {
		if d := distance(word, w); d < least {
			best, least = w, d
		}
	}
	return best
}

// distance is how many letters have to be changed, added or left out to make
// one word of another (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}
