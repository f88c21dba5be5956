package main

import (
	"io"

	"github.com/cli/browser"
)

// openBrowser shows a page in the system's browser. It does not wait: some of
// the programs that open one end with it. Where there is none, the user has the
// page's address all the same. What a browser writes is no part of any report.
func openBrowser(page string) {
	browser.Stdout, browser.Stderr = io.Discard, io.Discard
	go func() { _ = browser.OpenURL(page) }()
}
