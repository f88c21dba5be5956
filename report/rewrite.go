package report

import "strings"

// heard is how the line of a server begins in a transcript.
const heard = "S: "

// Scrub puts everything that servers said through f, to take out secrets that
// they echo. f gets what was said in one session, in its order, and returns as
// many texts. Our own words and names stay as they are: a password that is one
// of them would break the report, and be told by the hole.
func Scrub(r *Report, f func([]string) []string) {
	s := make(said, 0, 64) // more than an honest session has
	for _, c := range r.Checks {
		s = s[:0]
		for _, step := range c.Steps {
			s.reply(step)
		}
		for _, step := range c.Steps {
			s.detail(c, step)
		}
		if caps := c.Capabilities; caps != nil {
			s.all(caps.BeforeTLS)
			s.all(caps.AfterTLS)
			s.all(caps.AfterAuth)
		}
		if t := c.TLS; t != nil {
			if cert := t.Certificate; cert != nil {
				s.add(&cert.Subject, &cert.Issuer)
				s.all(cert.Names)
			}
			for i := range t.Chain {
				s.add(&t.Chain[i].Subject, &t.Chain[i].Issuer)
			}
		}
		s.rewrite(f)
		scrubTranscript(c.Transcript, f)
	}
	if m := r.Message; m != nil {
		s = s[:0]
		s.add(&m.Folder)
		for i := range m.Copies {
			s.add(&m.Copies[i].Folder)
		}
		for i := range m.Received {
			h := &m.Received[i]
			s.add(&h.From, &h.By, &h.With)
		}
		if a := m.Authentication; a != nil {
			s.add(&a.SPF, &a.DKIM, &a.DMARC)
		}
		s.rewrite(f)
	}
}

// ScrubOurs puts our own sentences through f, for what they quote of others.
// Names and ids stay as they are.
func ScrubOurs(r *Report, f func([]string) []string) {
	var s said
	for _, c := range r.Checks {
		for _, step := range c.Steps {
			s.add(&step.Detail, &step.Explanation)
			s.all(step.Advice)
		}
	}
	v := &r.Verdict
	s.add(&v.Headline, &v.Explanation, &v.FailedTitle)
	s.all(v.Advice)
	s.all(v.AdminAdvice)
	s.all(v.Proven)
	for i := range v.Findings {
		s.add(&v.Findings[i].Text)
		s.all(v.Findings[i].Advice)
	}
	s.rewrite(f)
}

// ScrubStep is Scrub for one step.
func ScrubStep(c *Check, step *Step, f func([]string) []string) {
	var s said
	s.reply(step)
	s.detail(c, step)
	s.rewrite(f)
}

// scrubTranscript gives f the server's lines together, and ours, which it may
// have echoed, each by itself.
func scrubTranscript(lines []string, f func([]string) []string) {
	var server []int
	var words []string
	for i, line := range lines {
		if text, ok := strings.CutPrefix(line, heard); ok {
			server, words = append(server, i), append(words, text)
		} else {
			lines[i] = f([]string{line})[0]
		}
	}
	if len(words) == 0 {
		return
	}
	for k, text := range f(words) {
		lines[server[k]] = heard + text
	}
}

// said are texts in the order in which they were said.
type said []*string

// add adds those texts that are not empty.
func (s *said) add(texts ...*string) {
	for _, text := range texts {
		if *text != "" {
			*s = append(*s, text)
		}
	}
}

func (s *said) all(texts []string) {
	for i := range texts {
		s.add(&texts[i])
	}
}

func (s *said) reply(step *Step) {
	if r := step.Reply; r != nil {
		// Of all that is asked, only the name of a folder is a server's word.
		if verb, folder, _ := strings.Cut(r.Command, " "); (verb == "EXAMINE" || verb == "SELECT") && folder != "INBOX" {
			s.add(&r.Command)
		}
		s.add(&r.Code, &r.Enhanced, &r.Text)
	}
}

// detail adds the details of a step; those of checks that speak to no mail
// server are our own.
func (s *said) detail(c *Check, step *Step) {
	if c.Protocol != "" || c.ID == "delivery" || c.ID == ProbeCheck || c.ID == MXCheck {
		s.add(&step.Detail)
	}
}

func (s said) rewrite(f func([]string) []string) {
	if len(s) == 0 {
		return
	}
	texts := make([]string, len(s))
	for i, text := range s {
		texts[i] = *text
	}
	for i, text := range f(texts) {
		*s[i] = text
	}
}
