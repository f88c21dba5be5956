package verify_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"mailcheck/internal/lab"
	"mailcheck/internal/testmsg"
	"mailcheck/report"
	"mailcheck/verify"
)

// contents are what messages hold, whatever their UIDs: folder, flags, text.
func contents(messages []lab.Message) []string {
	var list []string
	for _, m := range messages {
		list = append(list, fmt.Sprintf("%s %q %s", m.Folder, m.Flags, m.Raw))
	}
	slices.Sort(list)
	return list
}

// at calls do when the step of the run ends.
func at(o *verify.Options, step string, do func()) {
	o.Observe = func(e report.Event) {
		if e.Ended && e.Step.ID == step {
			do()
		}
	}
}

// UIDs that are given anew at any time cost others nothing, and the run's own
// message is gone all the same.
func TestRenumbered(t *testing.T) {
	for _, step := range []string{"imap.mailbox", "smtp.rcpt", "smtp.data", "delivery.arrive", "delivery.inspect"} {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			servers, o := start(t, lab.Options{SentCopy: true})
			k := newChain()
			o.QuietKeyring = k
			before := contents(fill(t, servers))
			if _, err := servers.Mailbox().Append("INBOX", message(t, servers.Address(), k.key(t), -time.Hour), `\Seen`); err != nil {
				t.Fatal(err)
			}
			at(&o, step, servers.Mailbox().Renumber)
			rep := run(t, o)
			if rep.ExitCode != 0 || results(rep) != "" || !rep.Message.Deleted || rep.Message.Leftovers != 1 {
				t.Errorf("exit status %d, %s, message %+v", rep.ExitCode, results(rep), rep.Message)
			}
			if got := contents(servers.Mailbox().Messages()); !slices.Equal(got, before) {
				t.Errorf("the mailbox has\n%q, want\n%q", got, before)
			}
		})
	}
}

// Another sender forges the message while it is on its way: the same Subject
// and Message-ID, in every folder, before and after it. A token that is not this
// run's, or that is there twice, is not its message.
func TestForgedMessage(t *testing.T) {
	for _, step := range []string{"smtp.data", "delivery.arrive", "delivery.inspect"} {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			servers, o := start(t, lab.Options{SentCopy: true})
			o.QuietKeyring = newChain()
			fill(t, servers)
			var forged []string
			at(&o, step, func() {
				own := string(servers.Submissions()[0].Data)
				token := own[strings.Index(own, testmsg.TokenField):]
				token, _, _ = strings.Cut(token, "\r\n")
				for _, folder := range []string{"INBOX", "Junk", "Sent", "Trash"} {
					for _, m := range []string{
						strings.Replace(own, token, testmsg.TokenField+": 00112233445566778899aabbccddeeff", 1),
						strings.Replace(own, token, token+"\r\n"+testmsg.TokenField+": 00112233445566778899aabbccddeeff", 1),
						strings.Replace(own, token, token+"0", 1),
						strings.Replace(own, token+"\r\n", "", 1),
						"Subject: Fwd\r\n\r\n" + own,
					} {
						forged = append(forged, m)
						if _, err := servers.Mailbox().Append(folder, []byte(m), `\Deleted`); err != nil {
							t.Error(err)
						}
					}
				}
			})
			rep := run(t, o)
			if rep.ExitCode != 0 || results(rep) != "" || !rep.Message.Deleted {
				t.Errorf("exit status %d, %s, message %+v", rep.ExitCode, results(rep), rep.Message)
			}
			var stay []string
			for _, m := range servers.Mailbox().Messages() {
				if slices.Contains(forged, string(m.Raw)) && slices.Contains(m.Flags, `\Deleted`) {
					stay = append(stay, string(m.Raw))
				}
			}
			if slices.Sort(forged); len(stay) != len(forged) || len(servers.Mailbox().Messages()) != len(forged)+6 {
				t.Errorf("%d of %d forged messages stay, of %d", len(stay), len(forged), len(servers.Mailbox().Messages()))
			}
		})
	}
}

// Copies that the server keeps, and that stay, are named where they can be
// seen, and where nobody can look it is said that there may be some.
func TestCopiesAreNamed(t *testing.T) {
	const perhaps = "a copy that the server keeps in Sent would stay"
	for name, tc := range map[string]struct {
		change func(*verify.Options)
		step   string // whose detail names it
		copies []report.Copy
		want   string // the end of the detail
		never  string
	}{
		"keep": {func(o *verify.Options) { o.Keep = true }, "cleanup", []report.Copy{{Folder: "Sent"}},
			"stays in INBOX; a copy stays in Sent", perhaps},
		"keep over POP3": {func(o *verify.Options) { o.Keep, o.Leave = true, []report.Protocol{report.IMAP} }, "cleanup", nil,
			"stays in INBOX; " + perhaps, ""},
		"to another": {func(o *verify.Options) { o.To = "bob@example.org" }, "arrive", []report.Copy{{Folder: "Sent"}},
			"; a copy stays in Sent", perhaps},
		"to another, POP3": {func(o *verify.Options) { o.To, o.Leave = "bob@example.org", []report.Protocol{report.IMAP} }, "arrive", nil,
			"; " + perhaps, ""},
		"SMTP alone": {func(o *verify.Options) { o.Leave = []report.Protocol{report.IMAP, report.POP3} }, "arrive", nil,
			"; " + perhaps, ""},
		"POP3": {func(o *verify.Options) { o.Leave = []report.Protocol{report.IMAP} }, "cleanup", nil, perhaps, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			servers, o := start(t, lab.Options{SentCopy: true})
			before := fill(t, servers)
			tc.change(&o)
			rep := run(t, o)
			complete(t, rep)
			detail := rep.Check("delivery").Step(tc.step).Detail
			if !strings.HasSuffix(detail, tc.want) || tc.never != "" && strings.Contains(detail, tc.never) {
				t.Errorf("%s says %q, want %q", tc.step, detail, tc.want)
			}
			if rep.ExitCode != 0 || !slices.Equal(rep.Message.Copies, tc.copies) {
				t.Errorf("exit status %d, copies %v, want %v", rep.ExitCode, rep.Message.Copies, tc.copies)
			}
			own := func(m lab.Message) bool { return bytes.Contains(m.Raw, []byte(rep.Message.ID)) }
			if diff := gocmp.Diff(before, slices.DeleteFunc(servers.Mailbox().Messages(), own)); diff != "" {
				t.Errorf("the mailbox is not as it was:\n%s", diff)
			}
		})
	}
}
