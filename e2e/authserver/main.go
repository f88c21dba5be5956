// Authserver is the authorization server of the end-to-end tests: the OpenID
// provider of github.com/zitadel/oidc, with the pages to sign in at and the
// store in memory that its authors ship as their example. What is here only
// joins them: accounts and applications (store.go), and a record of all that
// was granted (record.go). It is a module of its own, so that mailcheck does
// not depend on it.
//
//	authserver CONFIG
package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"os"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
)

// config is what the tests want; it is read from a file of JSON.
type config struct {
	Listen      string // ADDRESS:PORT
	Issuer      string
	Certificate string // a file of PEM
	Key         string // a file of PEM
	Record      string // a file that is appended to
	Accounts    map[string]string
	Apps        []app
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: authserver CONFIG")
		os.Exit(2)
	}
	if err := serve(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "authserver:", err)
		os.Exit(1)
	}
}

// serve runs the server that the file describes until it fails.
func serve(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var c config
	if err := json.Unmarshal(text, &c); err != nil {
		return err
	}
	record, err := os.OpenFile(c.Record, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	pages := exampleop.SetupServer(c.Issuer, newStore(c), slog.Default(), false)
	return http.ListenAndServeTLS(c.Listen, c.Certificate, c.Key, &recorder{next: pages, out: record})
}
