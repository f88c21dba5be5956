package sasl

import (
	"crypto/tls"
	"strings"
	"testing"

	"mailcheck/creds"
	"mailcheck/report"
)

func TestChoose(t *testing.T) {
	bindable, _ := handshake(t, tls.VersionTLS13, ecdsaKey(t))
	// A session that gives -PLUS nothing to bind to is TLS all the same.
	encrypted := &tls.ConnectionState{}
	var clear *tls.ConnectionState

	allow := Policy{AllowCleartext: true}
	only := func(mechanism string) Policy { return Policy{Only: mechanism} }
	everything := "XOAUTH2 OAUTHBEARER APOP CRAM-MD5 USER LOGIN PLAIN SCRAM-SHA-1 SCRAM-SHA-1-PLUS SCRAM-SHA-256 SCRAM-SHA-256-PLUS"

	tests := []struct {
		name    string
		offered string // LOGIN-command stands for LoginCommand
		tls     *tls.ConnectionState
		kind    creds.Kind
		policy  Policy
		want    string       // the mechanism; empty for a fault
		cause   report.Cause // of the fault
		text    string       // in Why, or in the fault
	}{
		// Inside TLS, from the first of the order to the last.
		{"everything", everything, bindable, creds.Password, Policy{}, "SCRAM-SHA-256-PLUS", "", "strongest"},
		{"without SHA-256-PLUS", "LOGIN PLAIN SCRAM-SHA-1-PLUS SCRAM-SHA-256", bindable, creds.Password, Policy{}, "SCRAM-SHA-256", "", "strongest"},
		{"SHA-1-PLUS", "LOGIN PLAIN SCRAM-SHA-1 SCRAM-SHA-1-PLUS", bindable, creds.Password, Policy{}, "SCRAM-SHA-1-PLUS", "", "strongest"},
		{"SHA-1", "LOGIN PLAIN SCRAM-SHA-1", bindable, creds.Password, Policy{}, "SCRAM-SHA-1", "", "strongest"},
		{"nothing to bind to", everything, encrypted, creds.Password, Policy{}, "SCRAM-SHA-256", "", "nothing to bind to"},
		{"PLAIN before CRAM-MD5", "CRAM-MD5 DIGEST-MD5 LOGIN PLAIN", encrypted, creds.Password, Policy{}, "PLAIN", "", "CRAM-MD5 often fails"},
		{"PLAIN and LOGIN", "LOGIN PLAIN", encrypted, creds.Password, Policy{}, "PLAIN", "", "TLS protects the password"},
		{"LOGIN before the command", "CRAM-MD5 LOGIN LOGIN-command", encrypted, creds.Password, Policy{}, "LOGIN", "", ""},
		{"the command before CRAM-MD5", "CRAM-MD5 LOGIN-command", encrypted, creds.Password, Policy{}, LoginCommand, "", ""},
		{"USER before CRAM-MD5 and APOP", "APOP CRAM-MD5 USER", encrypted, creds.Password, Policy{}, User, "", ""},
		{"CRAM-MD5 before APOP", "APOP CRAM-MD5", encrypted, creds.Password, Policy{}, "CRAM-MD5", "", ""},
		{"one", "APOP", encrypted, creds.Password, Policy{}, APOP, "", "the only one offered"},
		{"any case, repeated", "plain Plain PLAIN", encrypted, creds.Password, Policy{}, "PLAIN", "", "the only one offered"},
		{"XOAUTH2 beside passwords", "XOAUTH2 LOGIN", encrypted, creds.Password, Policy{}, "LOGIN", "", "best"},

		// In clear text.
		{"clear text", everything, clear, creds.Password, Policy{}, "", report.AuthCleartextRefused, "not encrypted, so the password was not sent"},
		{"clear text, SCRAM", "SCRAM-SHA-256", clear, creds.Password, Policy{}, "", report.AuthCleartextRefused, ""},
		{"clear text, asked for by name", "CRAM-MD5", clear, creds.Password, only("CRAM-MD5"), "", report.AuthCleartextRefused, ""},
		{"clear text, token", "XOAUTH2", clear, creds.Token, Policy{}, "", report.AuthCleartextRefused, "the token was not sent"},
		{"clear text, nothing offered", "", clear, creds.Password, Policy{}, "", report.AuthCleartextRefused, ""},
		{"allowed", everything, clear, creds.Password, allow, "SCRAM-SHA-256", "", "does not show the password"},
		{"allowed, CRAM-MD5 before APOP", "PLAIN LOGIN APOP CRAM-MD5 USER", clear, creds.Password, allow, "CRAM-MD5", "", "does not show the password"},
		{"allowed, APOP before those that show", "PLAIN LOGIN APOP USER", clear, creds.Password, allow, APOP, "", "does not show the password"},
		{"allowed, shown", "LOGIN PLAIN", clear, creds.Password, allow, "PLAIN", "", "in clear text"},
		{"allowed, only shown", "USER", clear, creds.Password, allow, User, "", "the only one offered; it crosses the network in clear text"},
		{"allowed, only -PLUS", "SCRAM-SHA-1-PLUS", clear, creds.Password, allow, "", report.AuthMechanismUnsupported, "SCRAM-SHA-1-PLUS"},
		{"allowed, nothing offered", "", clear, creds.Password, allow, "", report.AuthNotOffered, "on an unencrypted connection"},
		{"allowed, token", "XOAUTH2 PLAIN", clear, creds.Token, allow, "XOAUTH2", "", "in clear text"},

		// Tokens.
		{"token", everything, encrypted, creds.Token, Policy{}, "OAUTHBEARER", "", "access token"},
		{"token, XOAUTH2", "PLAIN XOAUTH2", encrypted, creds.Token, Policy{}, "XOAUTH2", "", "access token"},
		{"token, not taken", "PLAIN LOGIN", encrypted, creds.Token, Policy{}, "", report.AuthMechanismUnsupported, "takes a token and that mailcheck can use; it offers PLAIN, LOGIN"},

		// Nothing to use.
		{"nothing offered", "", encrypted, creds.Password, Policy{}, "", report.AuthNotOffered, "offers no login"},
		{"only what is no name", "\x1b[31m (", encrypted, creds.Password, Policy{}, "", report.AuthNotOffered, ""},
		{"passwords switched off", "XOAUTH2", encrypted, creds.Password, Policy{}, "", report.AuthBasicAuthDisabled, "it offers XOAUTH2"},
		{"passwords switched off, both", "OAUTHBEARER XOAUTH2", encrypted, creds.Password, Policy{}, "", report.AuthBasicAuthDisabled, ""},
		{"passwords switched off at Gmail", "XOAUTH2 PLAIN-CLIENTTOKEN OAUTHBEARER XOAUTH", encrypted, creds.Password, Policy{}, "", report.AuthBasicAuthDisabled, ""},
		{"a password mechanism that we lack", "XOAUTH2 NTLM", encrypted, creds.Password, Policy{}, "", report.AuthMechanismUnsupported, "XOAUTH2, NTLM"},
		{"no mechanism in common", "DIGEST-MD5 GSSAPI", encrypted, creds.Password, Policy{}, "", report.AuthMechanismUnsupported, "takes a password and that mailcheck can use; it offers DIGEST-MD5, GSSAPI"},
		{"no password, no token", "EXTERNAL", encrypted, creds.Password, Policy{}, "", report.AuthMechanismUnsupported, ""},

		// --auth
		{"asked for", everything, bindable, creds.Password, only("login"), "LOGIN", "", "asked for with --auth"},
		{"asked for, the command in its place", "PLAIN LOGIN-command", encrypted, creds.Password, only("LOGIN"), LoginCommand, "", "no AUTH=LOGIN"},
		{"asked for, the mechanism before the command", "LOGIN-command LOGIN", encrypted, creds.Password, only("LOGIN"), "LOGIN", "", ""},
		{"asked for, the command by name", "LOGIN-command LOGIN", encrypted, creds.Password, only(LoginCommand), LoginCommand, "", ""},
		{"asked for, USER", "PLAIN USER", encrypted, creds.Password, only("user"), User, "", ""},
		{"asked for, in clear text", "PLAIN CRAM-MD5", clear, creds.Password, Policy{Only: "PLAIN", AllowCleartext: true}, "PLAIN", "", ""},
		{"asked for, a token from a password source", "XOAUTH2 PLAIN", encrypted, creds.Password, only("XOAUTH2"), "XOAUTH2", "", ""},
		{"asked for, a token as the password", "XOAUTH2 PLAIN", encrypted, creds.Token, only("PLAIN"), "PLAIN", "", ""},
		{"asked for, not offered", "PLAIN LOGIN", encrypted, creds.Password, only("CRAM-MD5"), "", report.AuthMechanismUnsupported, "does not offer CRAM-MD5; it offers PLAIN, LOGIN"},
		{"asked for, passwords switched off", "XOAUTH2", encrypted, creds.Password, only("PLAIN"), "", report.AuthMechanismUnsupported, "does not offer PLAIN; it offers XOAUTH2"},
		{"asked for, unknown to us", "NTLM PLAIN", encrypted, creds.Password, only("ntlm"), "", report.AuthMechanismUnsupported, `does not have the mechanism "NTLM"`},
		{"asked for, nothing offered", "", encrypted, creds.Password, only("PLAIN"), "", report.AuthNotOffered, ""},
		{"asked for, -PLUS", everything, bindable, creds.Password, only("scram-sha-1-plus"), "SCRAM-SHA-1-PLUS", "", ""},
		{"asked for, -PLUS with nothing to bind to", everything, encrypted, creds.Password, only("SCRAM-SHA-256-PLUS"), "", report.AuthMechanismUnsupported, "nothing to bind to"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			offered := strings.Split(tt.offered, " ")
			for i := range offered {
				offered[i] = strings.Replace(offered[i], "LOGIN-command", LoginCommand, 1)
			}
			login := testLogin(tt.kind)
			login.TLS = tt.tls
			got, err := Choose(offered, login, tt.policy)
			if tt.want == "" {
				checkFault(t, err, tt.cause, tt.text)
				return
			}
			if err != nil || got.Mechanism != tt.want || !strings.Contains(got.Why, tt.text) || got.Why == "" {
				t.Errorf("got %q because %q, error %v; want %s because %q", got.Mechanism, got.Why, err, tt.want, tt.text)
			}
			if m, _ := lookup(got.Mechanism); m.client != nil {
				if _, err := NewClient(got.Mechanism, login, offered); err != nil {
					t.Errorf("chosen, but: %v", err)
				}
			}
		})
	}
}

// A mechanism that was offered once stays the least that the server gets.
func TestChooseNoWeaker(t *testing.T) {
	for _, tt := range []struct {
		earlier, now string
		want         string // empty: nothing
	}{
		{"PLAIN", "PLAIN", "PLAIN"},
		{"PLAIN", "PLAIN SCRAM-SHA-256", "SCRAM-SHA-256"},
		{"SCRAM-SHA-256 PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-256"},
		{"scram-sha-256", "PLAIN", ""},
		{"SCRAM-SHA-256", "SCRAM-SHA-1", ""},
		{"SCRAM-SHA-256", "LOGIN", ""},
		{"OAUTHBEARER", "PLAIN", "PLAIN"},                      // no password was offered
		{"SCRAM-SHA-256-PLUS", "PLAIN", "PLAIN"},               // which could not be used
		{"SCRAM-SHA-256", "DIGEST-MD5", "DIGEST-MD5, refused"}, // nothing in common is no betrayal
	} {
		login := testLogin(creds.Password)
		login.TLS, login.Earlier = &tls.ConnectionState{}, strings.Fields(tt.earlier)
		got, err := Choose(strings.Fields(tt.now), login, Policy{})
		switch {
		case tt.want == "":
			checkFault(t, err, report.ServerHostile, "the password was not sent; it offers")
		case strings.HasSuffix(tt.want, "refused"):
			checkFault(t, err, report.AuthMechanismUnsupported, "it offers DIGEST-MD5")
		case err != nil || got.Mechanism != tt.want:
			t.Errorf("%s, then %s: %s, %v", tt.earlier, tt.now, got.Mechanism, err)
		}
	}
}

// What a server offers reaches an error bounded and as names alone.
func TestOfferedNamesInErrors(t *testing.T) {
	offered := []string{"\x1b[31mRED", "::error::", strings.Repeat("A", 21), "", "DIGEST-MD5"}
	for i := range 1000 {
		offered = append(offered, "X-"+strings.Repeat("Y", i%15)+string(rune('A'+i%26)))
	}
	login := testLogin(creds.Password)
	login.TLS = &tls.ConnectionState{}
	_, err := Choose(offered, login, Policy{})
	checkFault(t, err, report.AuthMechanismUnsupported, "it offers DIGEST-MD5, ")
	if text := err.Error(); len(text) > 600 || strings.ContainsAny(text, "\x1b:[") {
		t.Errorf("error of %d bytes: %s", len(text), text)
	}
}

func TestKindOf(t *testing.T) {
	tests := []struct {
		mechanism string
		kind      creds.Kind
		known     bool
	}{
		{"plain", creds.Password, true},
		{"User", creds.Password, true},
		{"xoauth2", creds.Token, true},
		{"OAUTHBEARER", creds.Token, true},
		{"NTLM", "", false},
		{"", "", false},
	}
	for _, tt := range tests {
		if kind, known := KindOf(tt.mechanism); kind != tt.kind || known != tt.known {
			t.Errorf("KindOf(%q) = %q, %v; want %q, %v", tt.mechanism, kind, known, tt.kind, tt.known)
		}
	}
}

// TestAccepted: a login that was accepted is a warning where it went over an
// unencrypted connection, or the settings promise what the server lacks.
func TestAccepted(t *testing.T) {
	var secret creds.Secret
	inTLS := &tls.ConnectionState{}
	for name, c := range map[string]struct {
		offered   []string
		tls       *tls.ConnectionState
		published []string
		only      string
		want      report.Result
		cause     report.Cause
	}{
		"nothing is published":                    {offered: []string{"PLAIN"}, tls: inTLS},
		"what is published is offered":            {offered: []string{"PLAIN", "SCRAM-SHA-1"}, tls: inTLS, published: []string{"password-encrypted"}},
		"what is published is not offered":        {offered: []string{"PLAIN"}, tls: inTLS, published: []string{"password-encrypted"}, want: report.Warn, cause: report.AuthMechanismMissing},
		"as a mechanism":                          {offered: []string{LoginCommand}, tls: inTLS, published: []string{"scram-sha-256"}, want: report.Warn, cause: report.AuthMechanismMissing},
		"a plain password is published beside":    {offered: []string{"PLAIN"}, tls: inTLS, published: []string{"password-encrypted", "password-cleartext"}},
		"the user has chosen":                     {offered: []string{"PLAIN"}, tls: inTLS, published: []string{"password-encrypted"}, only: "PLAIN"},
		"an unencrypted connection, worse by far": {offered: []string{"PLAIN"}, published: []string{"password-encrypted"}, want: report.Warn},
	} {
		login := Login{Username: "anna", Secret: secret, Kind: creds.Password, TLS: c.tls, Published: c.published}
		choice, err := Choose(c.offered, login, Policy{Only: c.only, AllowCleartext: true})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var step report.Step
		choice.Accepted(&step, login)
		if step.Result != c.want || step.Cause != c.cause {
			t.Errorf("%s: %q %q, want %q %q", name, step.Result, step.Cause, c.want, c.cause)
		}
	}
}
