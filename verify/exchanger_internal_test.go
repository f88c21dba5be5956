package verify

import (
	"testing"

	"mailcheck/internal/dns"
	"mailcheck/report"
)

// What is known of a server's TLSA records decides what its step "dane" says,
// before any certificate is compared.
func TestDANEOfAServer(t *testing.T) {
	failed := func(kind dns.Kind) error {
		return &dns.Error{Name: "_25._tcp.mx.example.com", Type: "TLSA", Kind: kind}
	}
	records := &dns.Answer[dns.TLSA]{Records: []dns.TLSA{{Usage: 3, Selector: 1, Matching: 1}}}
	for name, tc := range map[string]struct {
		exchanger exchanger
		want      report.Result
		fails     bool
	}{
		"no address":              {exchanger{}, report.Skip, false},
		"unsigned addresses":      {exchanger{named: true}, "", false},
		"no record":               {exchanger{named: true, signed: true, tlsaErr: failed(dns.NXDomain)}, "", false},
		"signatures are broken":   {exchanger{named: true, signed: true, tlsaErr: failed(dns.Servfail)}, "", true},
		"the DNS does not answer": {exchanger{named: true, signed: true, tlsaErr: failed(dns.Timeout)}, report.Warn, false},
		"unsigned records":        {exchanger{named: true, signed: true, tlsa: records}, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			s := &report.Step{}
			err := new(receiving).daneOf(&tc.exchanger, s)
			if (err != nil) != tc.fails || s.Result != tc.want {
				t.Errorf("%s: %s, %v", s.Result, s.Detail, err)
			}
			if err == nil && s.Result != report.Skip && s.Detail == "" {
				t.Error("it says nothing")
			}
		})
	}
}
