package sasl

import (
	"fmt"
	"slices"
	"strings"

	"mailcheck/creds"
	"mailcheck/report"
)

// Policy is what the user decided about the mechanism.
type Policy struct {
	// Only is the one mechanism to use, in any case; empty: the best. "LOGIN"
	// is the mechanism or, where it is not offered, [LoginCommand].
	Only string
	// AllowCleartext lets the secret, or something to guess it from, cross a
	// connection without TLS.
	AllowCleartext bool
}

// Choice is a mechanism, or a login command, and a short sentence that says
// why this one.
type Choice struct {
	Mechanism string
	Why       string
	// missing tells that the settings name none but login methods that keep the
	// password hidden, and that the server offers none such.
	missing bool
}

// Choose picks the mechanism for a login from those offered (names in any
// case, login commands among them). When there is none to use it returns a
// [report.Fault] that says which it is: no encryption, nothing offered,
// passwords switched off, nothing in common, or nothing as strong as before.
func Choose(offered []string, login Login, policy Policy) (Choice, error) {
	if err := login.check(); err != nil {
		return Choice{}, err
	}
	if login.TLS == nil && !policy.AllowCleartext {
		return Choice{}, &report.Fault{Cause: report.AuthCleartextRefused,
			Text: "the connection is not encrypted, so the " + string(login.Kind) + " was not sent"}
	}
	offered = names(offered)
	if len(offered) == 0 {
		text := "the server offers no login"
		if login.TLS == nil {
			text += " on an unencrypted connection"
		}
		return Choice{}, &report.Fault{Cause: report.AuthNotOffered, Text: text}
	}
	if policy.Only != "" {
		return chooseOnly(strings.ToUpper(policy.Only), offered, login)
	}

	best, ok := strongest(offered, login)
	if !ok {
		return Choice{}, nothingUsable(offered, login)
	}
	// Whoever has read what was refused once is not to be given more.
	if before, _ := strongest(append(names(login.Earlier), offered...), login); before.name != best.name {
		return Choice{}, &report.Fault{Cause: report.ServerHostile, Text: fmt.Sprintf(
			"the server offered %s before and now no longer, so the %s was not sent; %s", before.name, login.Kind, offers(offered))}
	}
	return Choice{best.name, why(best, offered, login), best.exposure == shown && hiding(login.Published)}, nil
}

// hidingMethods are the login methods of settings that do not show the password
// to the server: autoconfig's "password-encrypted" with its older name, and
// mechanisms by their own.
var hidingMethods = []string{"password-encrypted", "secure", "CRAM-MD5", "DIGEST-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256"}

// hiding tells whether settings name login methods, and only such as hide the
// password.
func hiding(published []string) bool {
	return len(published) > 0 && !slices.ContainsFunc(published, func(method string) bool {
		return !slices.ContainsFunc(hidingMethods, func(h string) bool { return strings.EqualFold(h, method) })
	})
}

// Accepted notes at the step of a login that the server has accepted what is
// wrong with it all the same.
func (c Choice) Accepted(step *report.Step, login Login) {
	switch {
	case login.TLS == nil:
		step.Result = report.Warn
		step.Detail += ", over an unencrypted connection"
	case c.missing:
		step.Result, step.Cause = report.Warn, report.AuthMechanismMissing
		step.Detail += ", where the settings say " + strings.Join(login.Published, " or ")
	}
}

// strongest returns the mechanism that is preferred among those offered, if
// any can be used for this login.
func strongest(offered []string, login Login) (mechanism, bool) {
	for _, m := range preferred(login) {
		if m.kind == login.Kind && slices.Contains(offered, m.name) && (!bound(m.name) || canBind(login.TLS)) {
			return m, true
		}
	}
	return mechanism{}, false
}

// chooseOnly is the choice under --auth. Asked for by name, a mechanism takes
// the secret whatever its kind: some servers take tokens as passwords.
func chooseOnly(only string, offered []string, login Login) (Choice, error) {
	const why = "asked for with --auth"
	m, known := lookup(only)
	switch {
	case !known:
		return Choice{}, &report.Fault{Cause: report.AuthMechanismUnsupported,
			Text: fmt.Sprintf("mailcheck does not have the mechanism %q; %s", only, offers(offered))}
	case !slices.Contains(offered, m.name):
		if m.name == "LOGIN" && slices.Contains(offered, LoginCommand) {
			return Choice{Mechanism: LoginCommand, Why: why + "; the server has no AUTH=LOGIN, so it is the command"}, nil
		}
		return Choice{}, &report.Fault{Cause: report.AuthMechanismUnsupported,
			Text: "the server does not offer " + m.name + "; " + offers(offered)}
	case bound(m.name) && !canBind(login.TLS):
		return Choice{}, unbindable(m.name)
	}
	return Choice{Mechanism: m.name, Why: why}, nil
}

// preferred returns the mechanisms in the order of preference for this login.
func preferred(login Login) []mechanism {
	if login.TLS != nil {
		return mechanisms
	}
	order := slices.Clone(mechanisms)
	slices.SortStableFunc(order, func(a, b mechanism) int { return int(a.exposure) - int(b.exposure) })
	return order
}

// why says why m is the choice, and what was passed over that readers may
// have expected.
func why(m mechanism, offered []string, login Login) string {
	var reason string
	switch {
	case len(offered) == 1:
		reason = "the only one offered"
	case m.kind == creds.Token:
		reason = "takes the access token"
	case login.TLS == nil && m.exposure == guessable:
		reason = "does not show the password"
	case login.TLS == nil:
		reason = "nothing offered hides the password"
	case m.exposure == shown:
		reason = "the best that both sides have; TLS protects the password"
	default:
		reason = "the strongest that both sides have"
	}
	if login.TLS == nil && m.exposure == shown {
		reason += "; it crosses the network in clear text"
	}
	if m.kind == creds.Token {
		return reason
	}
	if login.TLS != nil && m.exposure == shown && slices.Contains(offered, "CRAM-MD5") {
		reason += "; CRAM-MD5 often fails where it is offered"
	}
	if slices.ContainsFunc(offered, bound) && !canBind(login.TLS) {
		reason += "; the connection gives -PLUS nothing to bind to"
	}
	return reason
}

// nothingUsable is the fault of a server that offers something, but nothing
// for this login.
func nothingUsable(offered []string, login Login) error {
	fault := &report.Fault{Cause: report.AuthMechanismUnsupported,
		Text: fmt.Sprintf("the server has no mechanism that takes a %s and that mailcheck can use; %s", login.Kind, offers(offered))}
	bearer := func(name string) bool { kind, ok := KindOf(name); return ok && kind == creds.Token }
	if login.Kind == creds.Password && slices.ContainsFunc(offered, bearer) &&
		!slices.ContainsFunc(offered, func(name string) bool { return !bearer(name) && !slices.Contains(passwordless, name) }) {
		fault.Cause = report.AuthBasicAuthDisabled
		fault.Text = "the server takes no passwords; " + offers(offered)
	}
	return fault
}

// passwordless are mechanisms that mailcheck does not have and that take no
// password: they do not speak against "passwords are switched off".
var passwordless = []string{
	"XOAUTH", "PLAIN-CLIENTTOKEN", // Gmail, beside XOAUTH2
	"OAUTH10A",  // RFC 7628 section 1
	"EXTERNAL",  // RFC 4422 appendix A
	"ANONYMOUS", // RFC 4505
}

func unbindable(mechanism string) error {
	return &report.Fault{Cause: report.AuthMechanismUnsupported,
		Text: mechanism + " cannot be used: this connection gives it nothing to bind to"}
}

func offers(offered []string) string {
	if len(offered) > maxNames {
		offered = append(slices.Clone(offered[:maxNames]), "...")
	}
	return "it offers " + strings.Join(offered, ", ")
}

// names returns what may be a mechanism's name (RFC 4422 section 3.1: up to
// 20 letters, digits, hyphens and underscores), in upper case and each once.
// No server can offer [LoginCommand] in a list, as a blank parts its names.
func names(offered []string) []string {
	var out []string
	for _, name := range offered {
		if name != LoginCommand {
			name = strings.ToUpper(name)
			if len(name) > 20 || strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != "" {
				continue
			}
		}
		if name != "" && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}
