package report

import "testing"

// What a probe tried can be read from its step.
func TestProbeStep(t *testing.T) {
	for want, ep := range map[string]Endpoint{
		"smtp-465":          {Protocol: SMTP, Host: "smtp.example.com", Port: 465, Security: TLS},
		"smtp-587":          {Protocol: SMTP, Host: "smtp.example.com", Port: 587, Security: STARTTLS},
		"smtp-25":           {Protocol: SMTP, Host: "smtp.example.com", Port: 25, Security: None},
		"smtp-587-tls":      {Protocol: SMTP, Host: "192.0.2.7", Port: 587, Security: TLS},
		"imap-993-starttls": {Protocol: IMAP, Host: "imap.example.com", Port: 993, Security: STARTTLS},
		"pop3-2110-none":    {Protocol: POP3, Host: "2001:db8::1", Port: 2110, Security: None},
	} {
		if got := ProbeStep(ep); got != want {
			t.Errorf("%+v is called %s, want %s", ep, got, want)
		}
		if got := Probed(&Step{Step: want, Subject: ep.Host}); !got.SameServer(ep) {
			t.Errorf("%s is read as %+v, want %+v", want, got, ep)
		}
	}
}

func TestThisComputer(t *testing.T) {
	for host, want := range map[string]bool{
		"127.0.0.1": true, "127.8.8.8": true, "::1": true, "::ffff:127.0.0.1": true, "localhost": true, "LocalHost.": true,
		"192.0.2.1": false, "0.0.0.0": false, "fe80::1": false, "localhost.example.com": false, "127.0.0.1.example.com": false, "": false,
	} {
		if got := ThisComputer(host); got != want {
			t.Errorf("%q: %v", host, got)
		}
	}
}
