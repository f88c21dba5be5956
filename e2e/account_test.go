//go:build linux

package e2e

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"time"
)

// account is a user of the site. The passwords hold what programs that
// quote, trim or expand them get wrong.
type account struct {
	Address  string
	Password string
	MaySend  bool
}

var (
	alice  = account{Address: "alice@" + siteDomain, Password: `correct "horse" battery\staple 100%`, MaySend: true}
	bob    = account{Address: "bob@" + siteDomain, Password: ` bob's pass%20word: $HOME `, MaySend: true}
	uni    = account{Address: "uni@" + siteDomain, Password: `pässwörd ☃ "q\"`, MaySend: true}
	nosmtp = account{Address: "nosmtp@" + siteDomain, Password: "reads, never sends"}

	accounts = []account{alice, bob, uni, nosmtp}
)

// tokenKey is the HS256 key (RFC 7518 section 3.2) with which Dovecot
// validates tokens by itself.
const tokenKey = "the lab's key for tokens, 32 bytes or more"

// token returns an access token for the account: a JWT (RFC 7519) that ends at
// expiry.
func (a account) token(expiry time.Time) string {
	now := time.Now()
	claims, err := json.Marshal(map[string]any{
		"iss": "https://issuer." + siteDomain, "sub": a.Address, "email": a.Address,
		"iat": now.Add(-2 * time.Hour).Unix(), "nbf": now.Add(-2 * time.Hour).Unix(), "exp": expiry.Unix(),
	})
	if err != nil {
		panic(err) // a map of strings and numbers
	}
	enc := base64.RawURLEncoding.EncodeToString
	signed := enc([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + enc(claims)
	mac := hmac.New(sha256.New, []byte(tokenKey))
	mac.Write([]byte(signed))
	return signed + "." + enc(mac.Sum(nil))
}
