package verify_test

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"net"
	"net/http"
	"net/netip"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"mailcheck/internal/lab"
	"mailcheck/report"
)

// maxPeak is the memory that a whole run may take, against the greediest
// server, in KiB.
const maxPeak = 64 << 10

// memoryTask and memoryOutcome are what testdata/run reads and writes.
type (
	memoryTask struct {
		Address, Password, Roots, DNS string
		Hosts                         map[string]netip.Addr
		Ports                         map[string]string
		Fixed                         []report.Endpoint
		Leave                         []report.Protocol
	}
	memoryOutcome struct {
		FailedStep string
		Cause      report.Cause
		ExitCode   int
		Settings   string
		PeakKiB    int
	}
)

// TestSecurityMemory measures whole runs, each a process of its own, against
// servers that send without end: cases 20 to 23 and 54.
func TestSecurityMemory(t *testing.T) {
	t.Parallel()
	program := filepath.Join(t.TempDir(), "run")
	if out, err := exec.Command("go", "build", "-ldflags=-s -w", "-o", program, "./testdata/run").CombinedOutput(); err != nil { // without -race, whatever this test has
		t.Fatalf("%v\n%s", err, out)
	}
	s := newStage(t)
	certificate, err := s.ca.Certificate(lab.LeafGood, hostileHost)
	if err != nil {
		t.Fatal(err)
	}
	measure := func(t *testing.T, task memoryTask) memoryOutcome {
		t.Helper()
		input, err := json.Marshal(task)
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(program)
		var out, errs bytes.Buffer
		cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(input), &out, &errs
		if err := cmd.Run(); err != nil {
			t.Fatalf("%v\n%s", err, errs.String())
		}
		var o memoryOutcome
		if err := json.Unmarshal(out.Bytes(), &o); err != nil {
			t.Fatal(err)
		}
		t.Logf("%d KiB", o.PeakKiB)
		if o.PeakKiB > maxPeak || o.PeakKiB == 0 {
			t.Errorf("it took %d KiB", o.PeakKiB)
		}
		return o
	}

	const imap, pop, smtp = report.IMAP, report.POP3, report.SMTP
	for _, c := range []hostileCase{
		{name: "case 20 endless greeting", way: report.TLS, step: "imap.greeting", script: "S! tls\n" + `S! endless "* OK xxxxxxxx"`},
		{name: "case 20 endless greeting of lines", check: smtp, way: report.TLS, step: "smtp.greeting", script: "S! tls\n" + `S! endless "220-` + strings.Repeat("x", 16_000) + `\r\n"`},
		{name: "case 21 endless EHLO", check: smtp, way: report.TLS, step: "smtp.ehlo", script: smtpGreets + `S! endless "250-` + strings.Repeat("x", 16_000) + `\r\n"`},
		{name: "case 21 endless CAPA", check: pop, way: report.TLS, step: "pop3.capability", script: "S! tls\nS: +OK\nC: CAPA\nS: +OK\n" + `S! endless "` + strings.Repeat("x", 16_000) + `\r\n"`},
		{name: "case 21 endless UIDL", check: pop, way: report.TLS, step: "pop3.mailbox", script: popOpen + "S: +OK 4000000 1\nS: +OK\n" + `S! endless "1 aaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n"`},
		{name: "case 22 endless untagged lines", way: report.TLS, step: "imap.capability", script: "S! tls\nS: * OK hi\nC: A1 CAPABILITY\n" + `S! endless "* NO ` + strings.Repeat("x", 16_000) + `\r\n"`},
		{name: "case 22 endless untagged lines of control characters", way: report.TLS, step: "imap.capability", script: "S! tls\nS: * OK hi\nC: A1 CAPABILITY\n" + `S! endless "* NO ` + strings.Repeat(`x\x01`, 8_000) + `\r\n"`},
		{name: "case 22 endless untagged lines after the login", way: report.TLS, step: "imap.mailbox", script: imapOpen + `S! endless "* NO ` + strings.Repeat("x", 16_000) + `\r\n"`},
		{name: "case 22 endless folders", way: report.TLS, step: "imap.mailbox", script: imapOpen + `S! endless "* LIST () \"/\" abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz\r\n"`},
		{name: "case 23 literal of 2^63-1", way: report.TLS, step: "imap.mailbox", script: imapOpen + "S: * LIST () \"/\" {9223372036854775807}\n" + `S! endless "xxxxxxxx"`},
		{name: "case 23 literals of the largest size", way: report.TLS, step: "imap.mailbox",
			script: imapOpen + `S! endless "* LIST () \"/\" {262144}\r\n` + strings.Repeat("x", 256<<10) + `\r\n"`},
		{name: "case 24 parentheses without end", way: report.TLS, step: "imap.mailbox", script: imapOpen + `S! endless "* 2 FETCH (BODYSTRUCTURE ` + strings.Repeat("(", 16_000) + `\r\n"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			server, err := lab.StartScript(t.Context(), secrets.Replace(c.script), lab.ScriptOptions{TLS: &tls.Config{Certificates: []tls.Certificate{certificate}}})
			if err != nil {
				t.Fatal(err)
			}
			o := s.options(t, c.check, c.way, &tapped{port: server.Addr()})
			got := measure(t, memoryTask{Address: who, Password: canary, Roots: string(s.ca.PEM()), DNS: s.dns, Fixed: o.Fixed, Leave: o.Leave,
				Hosts: map[string]netip.Addr{hostileHost: netip.MustParseAddr("127.0.0.1")}})
			if got.FailedStep != c.step || got.Cause != report.ServerHostile || got.ExitCode != report.ExitProtocol {
				t.Errorf("%+v", got)
			}
		})
	}

	// Of the web servers of a domain every one is greedy.
	greedy := map[string]http.Handler{
		"case 54 endless documents": withoutEnd("<clientConfig>", strings.Repeat("<a b='c'>", 100)),
		"case 54 endless text":      withoutEnd("<clientConfig><emailProvider><displayName>", strings.Repeat("x", 1<<10)),
		"case 54 compressed bombs":  bomb(),
		"case 54 documents of the largest size": lab.Document("text/xml",
			"<clientConfig>"+strings.Repeat("<emailProvider id='x'/>", (255<<10)/len("<emailProvider id='x'/>"))+"</clientConfig>"),
	}
	for name, document := range greedy {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			documents := map[string]http.Handler{}
			for _, url := range []string{autoconfigURL, plainAutoconfigURL, ispdbURL, hosterAutoconfigURL,
				"https://example.test/.well-known/autoconfig/mail/config-v1.1.xml", "https://example.test" + autodiscoverPath, "https://autodiscover.example.test" + autodiscoverPath} {
				documents[url] = document
			}
			servers, o := start(t, lab.Options{NoSRV: true, WellKnownPorts: true, Documents: documents, Password: canary,
				MX: "mx1.hoster.test", Records: []string{"mx1.hoster.test. A 127.0.0.1"}})
			ports := map[string]string{}
			for _, port := range []int{80, 443, 993, 995, 465} { // where they lead to inside this process
				to, err := o.Dial(t.Context(), "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
				if err != nil {
					t.Fatal(err)
				}
				ports[strconv.Itoa(port)] = to.RemoteAddr().String()
				to.Close()
			}
			got := measure(t, memoryTask{Address: who, Password: canary, Roots: string(servers.CAPEM()), DNS: servers.DNSAddr(), Ports: ports})
			refused := report.Warn
			if strings.Contains(name, "largest") { // it can be read, and says nothing
				refused = report.OK
			}
			if got.ExitCode != report.ExitOK || got.Settings != string(refused) {
				t.Errorf("%+v", got)
			}
		})
	}
}
