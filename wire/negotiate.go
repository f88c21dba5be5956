package wire

import (
	"context"

	"mailcheck/report"
)

// Dialogue is what a protocol says before a login. Each is a step of its own.
type Dialogue struct {
	Greeting func(context.Context) error
	// Capabilities asks what the server can do, and forgets what it said
	// before; subject tells the second time from the first.
	Capabilities func(ctx context.Context, subject string) error
	// StartTLS has the server say that TLS may begin. It never goes on in
	// clear text: a server that does not offer it, or refuses, may be one
	// whose offer somebody took out.
	StartTLS func(context.Context) error
}

// Steps are the steps of a session in order: those of a [Dialogue], the one
// that asks for capabilities under the protocol's own name for it, and the
// rest.
func Steps(security report.Security, capability string, rest ...string) []string {
	switch security {
	case report.TLS:
		return append([]string{"connect", "tls", "greeting", capability}, rest...)
	case report.STARTTLS:
		return append([]string{"connect", "greeting", capability, "starttls", "tls"}, rest...)
	}
	return append([]string{"connect", "greeting", capability}, rest...)
}

// Negotiate takes a connection as far as it goes without a secret. Implicit
// TLS comes first of all (RFC 8314 section 3); behind STARTTLS the server is
// asked for its capabilities again, because anybody could have named those of
// before (RFC 3207 section 4.2, RFC 2595 section 4, RFC 9051 section 6.2.1).
func (c *Conn) Negotiate(ctx context.Context, rec *report.Recorder, ep report.Endpoint, d Dialogue) error {
	if ep.Security == report.STARTTLS {
		c.clear = &exchange{}
	}
	if ep.Security == report.TLS {
		if err := c.Secure(ctx, rec, ep.Host); err != nil {
			return err
		}
	}
	if err := d.Greeting(ctx); err != nil {
		return err
	}
	if err := d.Capabilities(ctx, ""); err != nil {
		return err
	}
	if ep.Security != report.STARTTLS {
		return nil
	}
	if err := d.StartTLS(ctx); err != nil {
		return err
	}
	if err := c.Secure(ctx, rec, ep.Host); err != nil {
		return err
	}
	return d.Capabilities(ctx, "after-tls")
}

// Announced notes on the check what the server says it can do, before TLS or
// inside it.
func (c *Conn) Announced(rec *report.Recorder, capabilities []string) {
	check := rec.Check()
	if check.Capabilities == nil {
		check.Capabilities = &report.Capabilities{}
	}
	if c.Encrypted() != nil {
		check.Capabilities.AfterTLS = capabilities
	} else {
		check.Capabilities.BeforeTLS = capabilities
	}
}
