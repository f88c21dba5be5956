package policy

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/textproto"
	"strings"

	"github.com/emersion/go-msgauth/dkim"

	"mailcheck/internal/dns"
	"mailcheck/report"
)

const (
	// maxSignatures is how many signatures of a message are looked at. Those of
	// the author, the provider and a list make three.
	maxSignatures = 5
	// maxSignature bounds one, in bytes: RSA with 4096 bits and fifty signed
	// fields take 2 KiB.
	maxSignature = 8 << 10
)

// DKIM looks at the signatures in the header of a message that arrived: whether
// the key of each can be had, and used. Whether it fits is for the receiving
// server to say, who has seen the body as it came. No signature at all is no
// error: what never leaves a server often has none.
func DKIM(ctx context.Context, r Resolver, header []byte) (Finding, error) {
	all := signatures(header)
	if len(all) == 0 {
		return Finding{Detail: "the message that arrived has no DKIM signature; one that stays inside a server often has none"}, nil
	}
	var good, bad []string
	for _, s := range all {
		key, err := readSignature(ctx, r, s)
		switch {
		case key.failed != nil:
			return Finding{}, key.failed
		case err != nil:
			bad = append(bad, fmt.Sprintf("%s: %s", shown(key.name), shown(strings.TrimPrefix(err.Error(), "dkim: "))))
		default:
			good = append(good, shown(key.name))
		}
	}
	detail := "signed with the key " + strings.Join(good, ", ")
	switch {
	case len(good) == 0:
		return Finding{}, fault(report.PolicyDKIMKey, "the key of the signature is of no use: "+strings.Join(bad, "; "))
	case len(bad) > 0:
		return Finding{Detail: detail + "; another key is of no use: " + strings.Join(bad, "; "), Warning: report.PolicyDKIMKey}, nil
	}
	return Finding{Detail: detail}, nil
}

// signatures are the DKIM-Signature fields of a header, folded as they came.
func signatures(header []byte) [][]byte {
	var found [][]byte
	in := false // the last field begun is one of them
	for line := range bytes.Lines(header) {
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			break
		}
		if line[0] == ' ' || line[0] == '\t' {
			if in && len(found[len(found)-1]) < maxSignature {
				found[len(found)-1] = append(append(found[len(found)-1], line...), "\r\n"...)
			}
			continue
		}
		name, _, _ := bytes.Cut(line, []byte(":"))
		in = textproto.CanonicalMIMEHeaderKey(string(bytes.TrimSpace(name))) == "Dkim-Signature" && len(found) < maxSignatures
		if in {
			found = append(found, append(bytes.Clone(line[:min(len(line), maxSignature)]), "\r\n"...))
		}
	}
	return found
}

// signingKey is where the key of a signature stands.
type signingKey struct {
	name   string // "selector._domainkey.example.com"
	absent bool   // there is no such record
	failed error  // the DNS could not be asked
}

var errNoKey = errors.New("there is no such record")

// readSignature reads a signature and its key. The library checks the whole
// signature; that one without its message does not fit is no error here, and
// comes last of all.
func readSignature(ctx context.Context, r Resolver, field []byte) (key signingKey, err error) {
	key.name = "a signature that names no key"
	found, err := dkim.VerifyWithOptions(bytes.NewReader(append(bytes.Clone(field), "\r\n"...)), &dkim.VerifyOptions{
		MaxVerifications: 1,
		LookupTXT: func(name string) ([]string, error) {
			key.name = name
			answer, err := r.TXT(ctx, name)
			switch {
			case dns.IsAbsent(err):
				key.absent = true
				return nil, err
			case err != nil:
				key.failed = err
				return nil, err
			}
			return answer.Records, nil
		},
	})
	switch {
	case key.absent:
		return key, errNoKey
	case err != nil:
		return key, err
	case len(found) == 1 && dkim.IsPermFail(found[0].Err):
		return key, found[0].Err
	}
	return key, nil
}
