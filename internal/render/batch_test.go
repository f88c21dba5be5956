package render

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"mailcheck/internal/lang"
	"mailcheck/report"
)

func TestAccountOf(t *testing.T) {
	finding := []report.Finding{{Step: "imap.tls", Cause: report.TLSExpiresSoon}}
	for name, tt := range map[string]struct {
		report report.Report
		want   report.Result
		what   string
	}{
		"well":        {report.Report{Result: report.OK}, report.OK, ""},
		"a warning":   {report.Report{Result: report.Warn, Verdict: report.Verdict{Findings: finding}}, report.Warn, "imap.tls tls.expires_soon"},
		"--strict":    {report.Report{Result: report.Warn, ExitCode: 19, Verdict: report.Verdict{Findings: finding}}, report.Fail, "imap.tls tls.expires_soon"},
		"a failure":   {report.Report{Result: report.Fail, ExitCode: 15, Verdict: report.Verdict{FailedStep: "imap.auth", Cause: report.AuthBadCredentials}}, report.Fail, "imap.auth auth.bad_credentials"},
		"held back":   {report.Report{Result: report.Fail, ExitCode: 15, Verdict: report.Verdict{FailedStep: "imap.auth", Cause: report.AuthLimitReached}}, report.Skip, "imap.auth auth.limit_reached"},
		"interrupted": {report.Report{Result: report.Fail, ExitCode: 130, Verdict: report.Verdict{Headline: "INTERRUPTED\nx"}}, report.Skip, "INTERRUPTED x"},
		"interrupted after a warning": {report.Report{Result: report.Fail, ExitCode: 130, Verdict: report.Verdict{Cause: report.ClientInterrupted, Findings: finding}},
			report.Skip, "client.interrupted"},
		"not as expected, with a warning": {report.Report{Result: report.Fail, ExitCode: 19, Verdict: report.Verdict{Headline: "NOT AS EXPECTED", Findings: finding}},
			report.Fail, "NOT AS EXPECTED"},
	} {
		if a := AccountOf(&tt.report); a.Result != tt.want || a.what() != tt.what {
			t.Errorf("%s: %s %q", name, a.Result, a.what())
		}
	}
}

// The words of an account are about its step and cause, also where the headline
// speaks of another failure.
func TestAccountWords(t *testing.T) {
	r := &report.Report{Result: report.Fail, ExitCode: 12, Verdict: report.Verdict{
		FailedStep: "imap.connect", Cause: report.ConnectRefused, Headline: "YOU CAN RECEIVE BUT NOT SEND: the SMTP server did not accept the password.",
	}}
	if a := AccountOf(r); a.Words != r.Verdict.Headline {
		t.Errorf("%q", a.Words)
	}
	r.Verdict.FailedTitle = "nothing listens at imap.example.com port 993"
	if a := AccountOf(r); a.Words != "nothing listens at imap.example.com port 993." {
		t.Errorf("%q", a.Words)
	}
	r.Lang, r.Verdict.FailedTitle = string(lang.Japanese), "imap.example.com で待ち受けているサービスがありません"
	if a := AccountOf(r); a.Words != "imap.example.com で待ち受けているサービスがありません。" {
		t.Errorf("%q", a.Words)
	}
}

// In whatever order accounts end, the summary is the same: the words of a group
// are those of the account that is named first.
func TestBatchSummaryDoesNotGoByOrder(t *testing.T) {
	var accounts []Account
	add := func(n int, a Account) {
		for i := range n {
			a.Address = fmt.Sprintf("u%02d@example.com", i)
			a.Words = fmt.Sprintf("%s %s of u%02d.", a.Step, a.Cause, i)
			accounts = append(accounts, a)
		}
	}
	add(14, Account{Result: report.Fail, Step: "imap.connect", Cause: report.ConnectRefused})
	add(3, Account{Result: report.Fail, Step: "smtp.auth", Cause: report.AuthBadCredentials})
	add(3, Account{Result: report.Fail, Step: "imap.auth", Cause: report.AuthBadCredentials})
	add(3, Account{Result: report.Fail, Step: "imap.auth", Cause: report.AuthAccountLocked})
	add(3, Account{Result: report.Warn, Step: "imap.auth", Cause: report.AuthBadCredentials})
	add(2, Account{Result: report.Fail}) // no report, an error each
	accounts[len(accounts)-1].Words, accounts[len(accounts)-2].Words = "--password-file: it is empty", "--ca-file: there is none"
	summed := func(order []Account) string {
		var all Tally
		for _, a := range order {
			all.Add(a)
		}
		var out bytes.Buffer
		if err := BatchSummary(&out, &all, BatchOptions{}); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	want := summed(accounts)
	for _, part := range []string{
		"FAIL     14  imap.connect connect.refused\n             imap.connect connect.refused of u00.\n             u00@example.com, u01@example.com,",
		"u09@example.com and 4 more\n",
		"FAIL      3  smtp.auth auth.bad_credentials\n             smtp.auth auth.bad_credentials of u00.\n             u00@example.com, u01@example.com, u02@example.com\n",
		"FAIL      1  --password-file: it is empty\n             u01@example.com\n", "FAIL      1  --ca-file: there is none\n             u00@example.com\n",
	} {
		if !strings.Contains(want, part) {
			t.Errorf("no %q in\n%s", part, want)
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		random.Shuffle(len(accounts), func(i, j int) { accounts[i], accounts[j] = accounts[j], accounts[i] })
		if got := summed(accounts); got != want {
			t.Fatalf("got\n%s\nin another order\n%s", got, want)
		}
	}
}

// tally is a batch in which some accounts failed.
func tally(each func(Account)) *Tally {
	t := &Tally{Took: 125 * time.Second, Before: 7, BeforeFailed: 2, Left: 3}
	add := func(n int, a Account) {
		for i := range n {
			a.Name, a.Address, a.Took = "", fmt.Sprintf("u%d@%s.example", i, a.Result), 1234*time.Millisecond
			if i == 1 {
				a.Name = "shop"
			}
			t.Add(a)
			each(a)
		}
	}
	add(3, Account{Result: report.OK})
	add(1, Account{Result: report.Warn, Step: "imap.tls", Cause: report.TLSExpiresSoon, Words: "ALL WORKS, WITH A WARNING: you can receive and send; but the certificate of imap.example.com ends soon."})
	add(2, Account{Result: report.Fail, Step: "smtp.auth", Cause: report.AuthBadCredentials, Words: "YOU CAN RECEIVE BUT NOT SEND: the SMTP server did not accept the password."})
	add(12, Account{Result: report.Fail, Step: "imap.connect", Cause: report.ConnectRefused, Words: "NEITHER RECEIVING NOR SENDING WORKS: \x1b[2Jimap.example.com refuses connections."})
	add(1, Account{Result: report.Skip, Step: "imap.auth", Cause: report.AuthLimitReached, Words: "NO LOGIN WAS MADE: imap.example.com had refused the logins of other accounts."})
	add(1, Account{Result: report.Fail, Words: "--password-file: it is empty"})
	return t
}

func TestBatchText(t *testing.T) {
	for _, tag := range []lang.Tag{lang.English, lang.Japanese} {
		var out bytes.Buffer
		opt := BatchOptions{Lang: tag}
		all := tally(func(a Account) {
			if err := BatchLine(&out, a, nil, opt); err != nil {
				t.Fatal(err)
			}
		})
		if err := BatchSummary(&out, all, opt); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(out.String()) {
			if cells(strings.TrimSuffix(line, "\n")) > columns {
				t.Errorf("too wide: %q", line)
			}
		}
		golden(t, "batch-"+string(tag)+".txt", out.Bytes())
	}
}

func TestBatchQuiet(t *testing.T) {
	var out bytes.Buffer
	opt := BatchOptions{Options: Options{Verbosity: Quiet}}
	all := tally(func(a Account) {
		if err := BatchLine(&out, a, nil, opt); err != nil {
			t.Fatal(err)
		}
	})
	if out.Len() > 0 {
		t.Errorf("%s", out.String())
	}
	if err := BatchSummary(&out, all, opt); err != nil || !strings.HasPrefix(out.String(), "FAIL     12  imap.connect connect.refused\n") {
		t.Errorf("%v, %s", err, out.String())
	}
}

// However many fail in however many ways, the summary and what it needs are
// bounded.
func TestBatchTallyIsBounded(t *testing.T) {
	var all Tally
	for i := range 10_000 {
		all.Add(Account{Address: "a@example.com", Result: report.Fail, Step: fmt.Sprint("step", i%100), Words: "x"})
	}
	var out bytes.Buffer
	if err := BatchSummary(&out, &all, BatchOptions{}); err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(out.String(), "\n"); lines > 6*maxGroups || !strings.Contains(out.String(), "In other ways: 5000 more.") ||
		!strings.Contains(out.String(), " and 90 more") || !strings.Contains(out.String(), "10000 failed.") {
		t.Errorf("%d lines: %s", lines, out.String())
	}
}

// On a terminal one line says how far it is, and stands below what is written.
func TestBatchLive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &terminal{t: t, width: 70}
		l := NewBatchLive(LiveOptions{Out: v, Width: func() int { return 70 }}, 10)
		end := func(r report.Result) {
			err := l.End(Account{Address: "a@example.com", Result: r}, func() error { _, err := fmt.Fprintln(v, "line"); return err })
			if err != nil {
				t.Error(err)
			}
		}
		for range 3 {
			l.Begin()
		}
		time.Sleep(2 * time.Second)
		end(report.OK)
		v.shows(t, "line\naccounts: 1 of 10, 2 running, 0 failed")
		time.Sleep(2 * time.Second)
		end(report.Fail)
		v.shows(t, "line\nline\naccounts: 2 of 10, 1 running, 1 failed, about 16 s left")
		time.Sleep(4 * time.Second)
		synctest.Wait()
		v.shows(t, "line\nline\naccounts: 2 of 10, 1 running, 1 failed, about 32 s left")
		l.Stop()
		v.shows(t, "line\nline")
		l.Stop()
	})
}

// Elsewhere an account is a plain line.
func TestBatchLiveInALog(t *testing.T) {
	var out bytes.Buffer
	at := time.Date(2026, 7, 1, 9, 8, 7, 0, time.UTC)
	l := NewBatchLive(LiveOptions{Out: &out, Now: func() time.Time { return at }}, 2)
	l.Begin()
	err := l.End(Account{Address: "a@example.com", Name: "x\x1b[2J", Result: report.Fail, Step: "imap.auth", Cause: report.AuthBadCredentials, Took: time.Second}, func() error { return nil })
	l.Stop()
	if want := "09:08:07.000 FAIL 1/2 x\\x1b[2J (a@example.com) 1.0 s imap.auth auth.bad_credentials\n"; err != nil || out.String() != want {
		t.Errorf("%v, %q", err, out.String())
	}
}
