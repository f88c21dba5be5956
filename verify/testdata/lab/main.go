// Command lab runs healthy mail servers of internal/lab in a process of their
// own, so that what a check takes can be told from what they take. Its arguments
// are the delay of each byte and the issuer of the certificates. It says on stdout,
// as JSON, how they are reached, and ends with its standard input.
package main

import (
	"context"
	"encoding/json"
	"io"
	"log"
	"os"
	"time"

	"mailcheck/internal/lab"
	"mailcheck/report"
)

func main() {
	delay, err := time.ParseDuration(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	servers, err := lab.Start(context.Background(), lab.Options{
		Mechanisms: []string{"PLAIN"}, Delay: delay, Issuer: lab.Issuer(os.Args[2]), Subaddresses: true,
	})
	if err != nil {
		log.Fatal(err)
	}
	var fixed []report.Endpoint
	for _, p := range []report.Protocol{report.IMAP, report.POP3, report.SMTP} {
		fixed = append(fixed, servers.Endpoint(p, report.TLS))
	}
	if err := json.NewEncoder(os.Stdout).Encode(map[string]any{
		"Address": servers.Address(), "Password": servers.Password(), "DNS": servers.DNSAddr(), "Roots": servers.CAPEM(), "Fixed": fixed,
	}); err != nil {
		log.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, os.Stdin) // whatever ends it
}
