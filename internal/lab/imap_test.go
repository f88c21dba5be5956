package lab

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/google/go-cmp/cmp"

	"mailcheck/report"
)

const (
	first  = "From: a@example.org\r\nSubject: =?utf-8?q?gr=C3=BCn?=\r\nMessage-ID: <1@example.org>\r\nX-Token: abc\r\nDate: Mon, 02 Nov 2026 10:00:00 +0000\r\n\r\nfirst\r\n"
	second = "From: b@example.org\r\nSubject: two\r\nMessage-ID: <2@example.org>\r\n\r\n* OK [CAPABILITY X] not a response\r\n* CAPABILITY nor this {5}\r\n"
)

// fill puts two messages into INBOX and one into Junk.
func fill(t *testing.T, l *Lab) {
	t.Helper()
	for _, m := range []struct{ folder, raw, flag string }{{"INBOX", first, `\Seen`}, {"inbox", second, `$Keep`}, {"Junk", first, `\Flagged`}} {
		if _, err := l.Mailbox().Append(m.folder, []byte(m.raw), m.flag); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := l.Mailbox().Append("Nowhere", []byte(first)); err == nil {
		t.Fatal("appended to a folder that does not exist")
	}
}

func imapLogin(t *testing.T, l *Lab, handler *imapclient.UnilateralDataHandler) *imapclient.Client {
	t.Helper()
	c := imapclient.New(connect(t, l, report.IMAP, report.TLS).conn, &imapclient.Options{UnilateralDataHandler: handler})
	t.Cleanup(func() { c.Close() })
	if err := c.Login(l.Address(), l.Password()).Wait(); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestIMAPCapabilities(t *testing.T) {
	tests := []struct {
		name          string
		opts          Options
		security      report.Security
		want, wantNot []string
	}{
		{"TLS", Options{}, report.TLS, []string{"ID", "SASL-IR", "LITERAL-", "AUTH=PLAIN", "AUTH=SCRAM-SHA-256-PLUS"}, []string{"STARTTLS", "LOGINDISABLED", "AUTH=USER", "AUTH=XOAUTH2"}},
		{"clear text", Options{}, report.STARTTLS, []string{"ID", "STARTTLS", "LOGINDISABLED"}, []string{"AUTH=PLAIN"}},
		{"clear text allowed", Options{AllowCleartext: true}, report.STARTTLS, []string{"STARTTLS", "AUTH=PLAIN"}, []string{"LOGINDISABLED", "AUTH=SCRAM-SHA-256-PLUS"}},
		{"no STARTTLS", Options{Fault: "starttls-missing"}, report.STARTTLS, []string{"LOGINDISABLED"}, []string{"STARTTLS"}},
		{"tokens", Options{Token: "t"}, report.TLS, []string{"AUTH=XOAUTH2", "AUTH=OAUTHBEARER"}, nil},
		{"tokens alone", Options{Mechanisms: []string{"XOAUTH2"}}, report.TLS, []string{"AUTH=XOAUTH2", "LOGINDISABLED"}, []string{"AUTH=PLAIN"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := connect(t, startLab(t, tt.opts), report.IMAP, tt.security)
			greeting := c.want("* OK [CAPABILITY IMAP4rev1 ")
			_, list, _ := strings.Cut(greeting, "[")
			list, _, _ = strings.Cut(list, "]")
			caps := strings.Fields(list)
			for _, cap := range tt.want {
				if !slices.Contains(caps, cap) {
					t.Errorf("%s is missing: %s", cap, list)
				}
			}
			for _, cap := range tt.wantNot {
				if slices.Contains(caps, cap) {
					t.Errorf("%s is there: %s", cap, list)
				}
			}
			c.send("a CAPABILITY")
			if line := c.want("* "); line != "* "+list {
				t.Errorf("the greeting has %q, CAPABILITY %q", list, line)
			}
		})
	}
}

func TestIMAPStartTLS(t *testing.T) {
	l := startLab(t, Options{})
	c := connect(t, l, report.IMAP, report.STARTTLS)
	c.want("* OK")
	c.send("a LOGIN " + l.Address() + " " + l.Password())
	c.want("a NO [PRIVACYREQUIRED]")
	c.send("b AUTHENTICATE PLAIN =")
	c.want("b NO [PRIVACYREQUIRED]")
	c.send("c STARTTLS", "d NOOP") // what is sent too early must not be taken after the handshake
	c.want("c OK")
	c.secure()
	c.send(`e ID ("name" "test")`, "f CAPABILITY")
	c.want(`* ID ("name" "mailcheck lab")`)
	c.want("e OK")
	if line := c.want("* CAPABILITY"); strings.Contains(line, "STARTTLS") || !strings.Contains(line, "AUTH=PLAIN") {
		t.Errorf("inside TLS: %s", line)
	}
	c.want("f OK")
	c.send("g STARTTLS")
	c.want("g NO")
	c.send(fmt.Sprintf("h LOGIN {%d}", len(l.Address())), l.Address()+" "+l.Password())
	c.want("+ ")
	if line := c.want("h OK [CAPABILITY"); !strings.Contains(line, "IDLE") || !strings.Contains(line, " ID]") {
		t.Errorf("after login: %s", line)
	}
	c.send("i ID NIL", "j LOGOUT")
	c.want("* ID")
	c.want("i OK")
	c.want("* BYE")
	c.want("j OK")
	if got := l.Logins(report.IMAP); got != (Logins{Made: 1}) {
		t.Errorf("logins: %+v", got)
	}
}

// The replies to commands of one flight come in one TLS record, and what a client
// waits for is not kept back.
func TestIMAPRepliesTogether(t *testing.T) {
	c := connect(t, startLab(t, Options{}), report.IMAP, report.TLS)
	c.want("* OK")
	c.send("a NOOP", "b CAPABILITY", "c NOOP")
	c.want("a OK")
	before := c.r.Buffered()
	c.want("* CAPABILITY")
	c.want("b OK")
	c.want("c OK")
	if before == 0 || c.r.Buffered() > 0 {
		t.Errorf("%d bytes came with the first reply, %d are left", before, c.r.Buffered())
	}
	c.send("d LOGOUT")
	c.want("* BYE")
	c.want("d OK")
}

func TestIMAPReads(t *testing.T) {
	l := startLab(t, Options{})
	fill(t, l)
	before := l.Mailbox().Messages()
	c := imapLogin(t, l, nil)

	list, err := c.List("", "*", nil).Collect()
	if err != nil {
		t.Fatal(err)
	}
	var folders []string
	for _, f := range list {
		folders = append(folders, f.Mailbox+" "+string(f.Attrs[len(f.Attrs)-1]))
	}
	if diff := cmp.Diff([]string{`INBOX \HasNoChildren`, `Junk \Junk`, `Sent \Sent`, `Trash \Trash`}, folders); diff != "" {
		t.Error(diff)
	}

	selected, err := c.Select("INBOX", &imap.SelectOptions{ReadOnly: true}).Wait()
	if err != nil {
		t.Fatal(err)
	}
	if selected.NumMessages != 2 || selected.UIDNext != 3 || selected.UIDValidity == 0 || len(selected.PermanentFlags) != 0 {
		t.Errorf("EXAMINE: %+v", selected)
	}

	searches := []struct {
		name string
		what imap.SearchCriteria
		want []imap.UID
	}{
		{"all", imap.SearchCriteria{}, []imap.UID{1, 2}},
		{"header", imap.SearchCriteria{Header: []imap.SearchCriteriaHeaderField{{Key: "X-Token", Value: "ABC"}}}, []imap.UID{1}},
		{"decoded header", imap.SearchCriteria{Header: []imap.SearchCriteriaHeaderField{{Key: "Subject", Value: "grün"}}}, []imap.UID{1}},
		{"header is there", imap.SearchCriteria{Header: []imap.SearchCriteriaHeaderField{{Key: "X-Token"}}}, []imap.UID{1}},
		{"no such header", imap.SearchCriteria{Header: []imap.SearchCriteriaHeaderField{{Key: "X-Token", Value: "x"}}}, nil},
		{"last", imap.SearchCriteria{UID: []imap.UIDSet{{{Start: 0, Stop: 0}}}}, []imap.UID{2}},
		{"beyond the last", imap.SearchCriteria{UID: []imap.UIDSet{{{Start: 9, Stop: 0}}}}, []imap.UID{2}},
		{"unseen", imap.SearchCriteria{NotFlag: []imap.Flag{imap.FlagSeen}}, []imap.UID{2}},
		{"keyword", imap.SearchCriteria{Flag: []imap.Flag{"$keep"}}, []imap.UID{2}},
		{"body", imap.SearchCriteria{Body: []string{"FIRST"}}, []imap.UID{1}},
		{"not in the body", imap.SearchCriteria{Body: []string{"example.org"}}, nil},
		{"text", imap.SearchCriteria{Text: []string{"example.org"}}, []imap.UID{1, 2}},
		{"size", imap.SearchCriteria{Larger: int64(len(second))}, []imap.UID{1}},
		{"or", imap.SearchCriteria{Or: [][2]imap.SearchCriteria{{{Body: []string{"first"}}, {Flag: []imap.Flag{"$Keep"}}}}}, []imap.UID{1, 2}},
		{"not", imap.SearchCriteria{Not: []imap.SearchCriteria{{Body: []string{"first"}}}}, []imap.UID{2}},
		{"sent", imap.SearchCriteria{SentSince: before[0].Date.AddDate(-5, 0, 0)}, []imap.UID{1}},
		{"date", imap.SearchCriteria{Before: before[0].Date.AddDate(0, 0, -3)}, nil},
	}
	for _, tt := range searches {
		found, err := c.UIDSearch(&tt.what, nil).Wait()
		if err != nil {
			t.Errorf("search %s: %v", tt.name, err)
		} else if got := found.AllUIDs(); !slices.Equal(got, tt.want) {
			t.Errorf("search %s: %v, want %v", tt.name, got, tt.want)
		}
	}

	whole := &imap.FetchItemBodySection{}
	fields := &imap.FetchItemBodySection{Specifier: imap.PartSpecifierHeader, HeaderFields: []string{"Message-ID", "X-Token"}, Peek: true}
	header := &imap.FetchItemBodySection{Specifier: imap.PartSpecifierHeader, Peek: true}
	fetched, err := c.Fetch(imap.SeqSetNum(1, 2), &imap.FetchOptions{UID: true, Flags: true, RFC822Size: true, InternalDate: true, Envelope: true,
		BodyStructure: &imap.FetchItemBodyStructure{}, BodySection: []*imap.FetchItemBodySection{whole, fields, header}}).Collect()
	if err != nil || len(fetched) != 2 {
		t.Fatalf("FETCH: %d messages, %v", len(fetched), err)
	}
	for i, raw := range []string{first, second} {
		if got := fetched[i].FindBodySection(whole); string(got) != raw {
			t.Errorf("message %d: %q", i+1, got)
		}
		if fetched[i].UID != imap.UID(i+1) || fetched[i].RFC822Size != int64(len(raw)) || fetched[i].BodyStructure.MediaType() != "text/plain" {
			t.Errorf("message %d: %+v", i+1, fetched[i])
		}
		wantHeader, _, _ := strings.Cut(raw, "\r\n\r\n")
		if got := string(fetched[i].FindBodySection(header)); got != wantHeader+"\r\n\r\n" {
			t.Errorf("header %d: %q", i+1, got)
		}
	}
	if got := string(fetched[0].FindBodySection(fields)); got != "Message-ID: <1@example.org>\r\nX-Token: abc\r\n\r\n" {
		t.Errorf("fields: %q", got)
	}
	if e := fetched[0].Envelope; e.MessageID != "1@example.org" || e.Subject != "grün" {
		t.Errorf("envelope: %+v", e)
	}

	status, err := c.Status("Junk", &imap.StatusOptions{NumMessages: true, NumUnseen: true, UIDNext: true, UIDValidity: true}).Wait()
	if err != nil || *status.NumMessages != 1 || *status.NumUnseen != 1 || status.UIDNext != 2 || status.UIDValidity == selected.UIDValidity {
		t.Errorf("STATUS: %+v, %v", status, err)
	}

	// EXAMINE is read-only, so BODY[] has set no flag and nothing can.
	if err := c.Store(imap.SeqSetNum(1), &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: []imap.Flag{imap.FlagDeleted}}, nil).Close(); err == nil {
		t.Error("STORE in a folder that is selected read-only")
	}
	if diff := cmp.Diff(before, l.Mailbox().Messages()); diff != "" {
		t.Errorf("reading changed the mailbox: %s", diff)
	}
}

func TestIMAPDeletesOneMessage(t *testing.T) {
	l := startLab(t, Options{})
	fill(t, l)
	if _, err := l.Mailbox().Append("INBOX", []byte(first), `\Deleted`); err != nil { // somebody else's
		t.Fatal(err)
	}
	before := l.Mailbox().Messages()
	c := imapLogin(t, l, nil)
	if _, err := c.Select("INBOX", nil).Wait(); err != nil {
		t.Fatal(err)
	}
	if err := c.Store(imap.UIDSetNum(1), &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: []imap.Flag{imap.FlagDeleted}, Silent: true}, nil).Close(); err != nil {
		t.Fatal(err)
	}
	gone, err := c.UIDExpunge(imap.UIDSetNum(1)).Collect()
	if err != nil || !slices.Equal(gone, []uint32{1}) {
		t.Errorf("expunged %v, %v", gone, err)
	}
	if diff := cmp.Diff(before[1:], l.Mailbox().Messages()); diff != "" {
		t.Error(diff)
	}
	if _, err := c.Move(imap.SeqSetNum(1), "Trash").Wait(); err != nil {
		t.Error(err)
	}
	if copied, err := c.Copy(imap.UIDSetNum(3), "Sent").Wait(); err != nil || copied.DestUIDs.String() != "1" {
		t.Errorf("COPY: %+v, %v", copied, err)
	}
	if _, err := c.Copy(imap.UIDSetNum(99), "Sent").Wait(); err != nil {
		t.Errorf("COPY of nothing: %v", err)
	}
	var got []string
	for _, m := range l.Mailbox().Messages() {
		got = append(got, m.Folder+" "+strings.Join(m.Flags, " "))
	}
	if diff := cmp.Diff([]string{`INBOX \Deleted`, `Junk \Flagged`, `Sent \Deleted`, `Trash $Keep`}, got); diff != "" {
		t.Error(diff)
	}
	if err := c.Create("More", nil).Wait(); err == nil {
		t.Error("created a folder")
	}
}

func TestIMAPTellsOthers(t *testing.T) {
	l := startLab(t, Options{})
	fill(t, l)
	c := connect(t, l, report.IMAP, report.TLS)
	c.want("* OK")
	c.send("a LOGIN "+l.Address()+" "+l.Password(), "b SELECT INBOX", "c IDLE")
	c.until("+ ")

	if _, err := l.Mailbox().Append("INBOX", []byte(first)); err != nil {
		t.Fatal(err)
	}
	c.want("* 3 EXISTS")
	other := imapLogin(t, l, nil)
	if _, err := other.Select("INBOX", nil).Wait(); err != nil {
		t.Fatal(err)
	}
	if err := other.Store(imap.UIDSetNum(1), &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: []imap.Flag{imap.FlagDeleted}}, nil).Close(); err != nil {
		t.Fatal(err)
	}
	c.want(`* 1 FETCH (UID 1 FLAGS (\Seen \Deleted))`)
	if err := other.Expunge().Close(); err != nil {
		t.Fatal(err)
	}
	c.want("* 1 EXPUNGE")
	c.send("DONE", "d UID FETCH 1:* BODY[]")
	c.want("c OK")
	c.want("* 1 FETCH (UID 2 BODY[] {") // the second message is the first now
	lines := c.until("d OK")
	if !slices.Contains(lines, "* OK [CAPABILITY X] not a response") {
		t.Errorf("the message was changed on its way: %q", lines)
	}
	// FETCH of BODY[] has set \Seen on both.
	if got := strings.Count(strings.Join(lines, "\n"), `\Seen`); got != 2 {
		t.Errorf("%d flag updates: %q", got, lines)
	}
}

func TestIMAPAppendAndClose(t *testing.T) {
	l := startLab(t, Options{})
	c := connect(t, l, report.IMAP, report.TLS)
	c.want("* OK")
	c.send("a LOGIN " + l.Address() + " " + l.Password())
	c.want("a OK")
	c.send(`b APPEND INBOX (\Deleted $X) {`+"3}", "a\nb")
	c.want("+ ")
	c.want("b OK [APPENDUID 1000 1]")
	c.send("c APPEND Nowhere {" + "1}")
	c.want("+ ")
	c.send("x")
	c.want("c NO [TRYCREATE]")
	c.send("d NAMESPACE", `e LIST "" ""`, "f SELECT Nowhere", "g STATUS Nowhere (MESSAGES)")
	c.until("d OK")
	c.want(`* LIST (\Noselect) "/"`)
	c.want("e OK")
	c.want("f NO [NONEXISTENT]")
	c.want("g NO [NONEXISTENT]")

	want := []Message{{Folder: "INBOX", UID: 1, Flags: []string{"$X", `\Deleted`}, Raw: []byte("a\nb"), Date: l.Mailbox().Messages()[0].Date}}
	c.send("h EXAMINE inbox", "i UID EXPUNGE 1", "j MOVE 1 Trash", "k CLOSE") // CLOSE expunges in what SELECT opened only
	c.until("h OK [READ-ONLY]")
	c.want("i NO")
	c.want("j NO")
	c.want("k OK")
	if diff := cmp.Diff(want, l.Mailbox().Messages()); diff != "" {
		t.Error(diff)
	}
	c.send("l SELECT INBOX", "m COPY 1 Nowhere", "n CLOSE")
	c.until("l OK [READ-WRITE]")
	c.want("m NO [TRYCREATE]")
	c.want("n OK")
	if all := l.Mailbox().Messages(); len(all) != 0 {
		t.Errorf("left: %v", all)
	}
}

func TestIMAPLoginCommand(t *testing.T) {
	l := startLab(t, Options{Mechanisms: []string{"CRAM-MD5"}})
	c := connect(t, l, report.IMAP, report.TLS)
	c.want("* OK")
	c.send("a LOGIN " + l.Address() + " " + l.Password())
	c.want("a NO [CANNOT]")
	if got := l.Logins(report.IMAP); got != (Logins{}) {
		t.Errorf("logins: %+v", got)
	}
}
