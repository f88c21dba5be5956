package report

// Scrub puts everything that servers said through f, to take out secrets that
// they echo. Our own words and names stay as they are: a password that is one
// of them would break the report, and be told by the hole.
func Scrub(r *Report, f func(string) string) {
	for _, c := range r.Checks {
		each(c.Transcript, f)
		if caps := c.Capabilities; caps != nil {
			each(caps.BeforeTLS, f)
			each(caps.AfterTLS, f)
			each(caps.AfterAuth, f)
		}
		if t := c.TLS; t != nil {
			if cert := t.Certificate; cert != nil {
				cert.Subject, cert.Issuer = f(cert.Subject), f(cert.Issuer)
				each(cert.Names, f)
			}
			for i := range t.Chain {
				t.Chain[i].Subject, t.Chain[i].Issuer = f(t.Chain[i].Subject), f(t.Chain[i].Issuer)
			}
		}
		for _, s := range c.Steps {
			ScrubStep(c, s, f)
		}
	}
	if m := r.Message; m != nil {
		m.Folder = f(m.Folder)
		for i := range m.Copies {
			m.Copies[i].Folder = f(m.Copies[i].Folder)
		}
		for i := range m.Received {
			h := &m.Received[i]
			h.From, h.By, h.With = f(h.From), f(h.By), f(h.With)
		}
		if a := m.Authentication; a != nil {
			a.SPF, a.DKIM, a.DMARC = f(a.SPF), f(a.DKIM), f(a.DMARC)
		}
	}
}

// ScrubStep is Scrub for one step. The details of checks that speak to no mail
// server are our own.
func ScrubStep(c *Check, s *Step, f func(string) string) {
	if c.Protocol != "" || c.ID == "delivery" || c.ID == ProbeCheck {
		s.Detail = f(s.Detail)
	}
	if s.Reply != nil {
		s.Reply.Code, s.Reply.Enhanced, s.Reply.Text = f(s.Reply.Code), f(s.Reply.Enhanced), f(s.Reply.Text)
	}
}

func each(texts []string, f func(string) string) {
	for i := range texts {
		texts[i] = f(texts[i])
	}
}
