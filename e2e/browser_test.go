//go:build linux

package e2e

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

const (
	browserCommand = "chromium-headless-shell"
	// walkLimit bounds a walk through the pages of a sign-in. It takes less than
	// 2 s on two idle cores.
	walkLimit = 40 * time.Second
)

// browser is a real one, without a window: Chromium.
type browser struct{ ctx context.Context }

// startBrowser starts a browser with an empty profile, for the time of the
// test.
func (s *site) startBrowser(t *testing.T) browser {
	t.Helper()
	profile, err := os.MkdirTemp(s.dir, "browser-")
	if err != nil {
		t.Fatal(err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(browserCommand),
		chromedp.NoSandbox, // it runs as root
		chromedp.UserDataDir(profile),
		chromedp.Env("HOME="+profile),
		chromedp.Flag("ignore-certificate-errors-spki-list", s.authServerKey(t)),
	)
	// Not the test's own context, which ends before what Cleanup does.
	ctx, end := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), options...)
	t.Cleanup(end)
	ctx, closeBrowser := chromedp.NewContext(ctx)
	t.Cleanup(closeBrowser)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("%s: %v", browserCommand, err)
	}
	return browser{ctx}
}

// view is what a browser shows.
type view struct {
	address, title, text, html string
}

// step is something that a user does on a page.
type step func(context.Context) error

// walk opens a page as somebody who was never there, does the steps, and
// returns what is shown in the end.
func (b browser) walk(page string, steps ...step) (v view, err error) {
	ctx, end := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	defer end()
	ctx, cancel := context.WithTimeout(ctx, walkLimit)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.Navigate(page)); err != nil {
		return v, err
	}
	for _, do := range steps {
		if err := do(ctx); err != nil {
			return v, err
		}
	}
	for text, action := range map[*string]chromedp.Action[string]{
		&v.address: chromedp.Location(), &v.title: chromedp.Title(), &v.text: chromedp.Text("body"), &v.html: chromedp.OuterHTML("html"),
	} {
		if *text, err = chromedp.Run(ctx, action); err != nil {
			return v, err
		}
	}
	return v, nil
}

// press clicks on what leads on, and waits for the page that is shown next.
func press(selector string) step {
	return func(ctx context.Context) error {
		_, err := chromedp.RunResponse(ctx, chromedp.Click(selector, chromedp.NodeVisible))
		return err
	}
}

// signInAs fills in the server's own form and sends it.
func signInAs(a account) step {
	return func(ctx context.Context) error {
		if err := chromedp.Do(ctx, chromedp.SendKeys("#username", a.Address, chromedp.NodeVisible),
			chromedp.SendKeys("#password", a.Password, chromedp.NodeVisible)); err != nil {
			return err
		}
		return press("button[type=submit]")(ctx)
	}
}

// typeIn types the code of a device into its page and sends it.
func typeIn(code string) step {
	return func(ctx context.Context) error {
		if err := chromedp.Do(ctx, chromedp.SendKeys("#user_code", code, chromedp.NodeVisible)); err != nil {
			return err
		}
		return press("button[type=submit]")(ctx)
	}
}
