package main

import (
	"net/netip"
	"testing"
)

// A name with letters outside ASCII is the same host wherever it is given.
func TestNamesOutsideASCII(t *testing.T) {
	f := checkFlags{send: "message", wait: 1, timeout: 1,
		smtp: "smtps://mäil.example.com", resolve: []string{"MÄIL.example.com.:192.0.2.1"}, helo: "mäil.example.com"}
	o, err := f.options(anybody)
	if err != nil {
		t.Fatal(err)
	}
	const want = "xn--mil-qla.example.com"
	if got := o.Fixed[0].Host; got != want {
		t.Errorf("--smtp: %q, want %q", got, want)
	}
	if got := o.Override[want]; len(got) != 1 || got[0] != netip.MustParseAddr("192.0.2.1") {
		t.Errorf("--resolve: %v", o.Override)
	}
	if o.Hello != want { // EHLO is ASCII
		t.Errorf("--helo: %q, want %q", o.Hello, want)
	}
}
