package lab

import (
	"context"
	"crypto/tls"
	"encoding/xml"
	"fmt"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"mailcheck/report"
)

// wellKnown are the ports that clients expect the mail servers at (RFC 8314
// sections 3 and 4.1, RFC 6409 section 3.1).
var wellKnown = map[report.Protocol]map[report.Security]int{
	report.IMAP: {report.TLS: 993, report.STARTTLS: 143},
	report.POP3: {report.TLS: 995, report.STARTTLS: 110},
	report.SMTP: {report.TLS: 465, report.STARTTLS: 587},
}

// relayPort is where servers take mail from each other (RFC 5321); in a lab it
// is the SMTP port with STARTTLS.
const relayPort = 25

// webPorts are the ports of HTTP and HTTPS.
var webPorts = map[string]int{"http": 80, "https": 443}

// DialContext connects as [net.Dialer] does, except that the well-known ports
// of the loopback addresses, which need privileges, lead to those that the lab
// listens on: 80 and 443 for [Options].Documents, and those of mail.
func (l *Lab) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	if host, port, err := net.SplitHostPort(address); err == nil {
		number, _ := strconv.Atoi(port)
		ip := net.ParseIP(host)
		if slices.Contains(l.opts.Blocked, number) {
			<-ctx.Done()
			return nil, &net.OpError{Op: "dial", Net: network, Err: ctx.Err()}
		}
		if at, mapped := l.behind[number]; mapped && ip.IsLoopback() {
			address = net.JoinHostPort(host, strconv.Itoa(at))
		}
	}
	return new(net.Dialer).DialContext(ctx, network, address)
}

// mapPorts decides which ports are behind those that clients expect.
func (l *Lab) mapPorts() error {
	for _, p := range l.ports {
		if l.opts.Servers == nil {
			l.behind[wellKnown[p.protocol][p.security]] = p.number
		}
	}
	if l.opts.Servers == nil {
		l.behind[relayPort] = l.behind[wellKnown[report.SMTP][report.STARTTLS]]
		return nil
	}
	nobody, held, err := closedPort()
	if err != nil {
		return err
	}
	l.closers = append(l.closers, held)
	l.behind[relayPort] = nobody
	for _, ports := range wellKnown {
		for _, number := range ports {
			l.behind[number] = nobody
		}
	}
	for _, s := range l.opts.Servers {
		security := s.Security
		if security == report.None {
			security = report.STARTTLS
		}
		for _, p := range l.ports {
			if p.protocol == s.Protocol && p.security == security {
				l.behind[s.Port] = p.number
			}
		}
	}
	return nil
}

// ispdb is the host of the database of settings that programs ask about every
// domain. Here it knows none, unless Documents say otherwise.
const ispdb = "autoconfig.thunderbird.net"

// serveHTTP serves the documents over HTTP and HTTPS.
func (l *Lab) serveHTTP() error {
	muxes := map[string]*http.ServeMux{"http": http.NewServeMux(), "https": http.NewServeMux()}
	hosts := []string{ispdb}
	documents := map[string]http.Handler{}
	if url, policy := l.stsPolicy(); !l.behaviour.noDomain {
		documents[url] = policy
	}
	maps.Copy(documents, l.opts.Documents)
	for address, document := range documents {
		u, err := url.Parse(address)
		if err != nil || muxes[u.Scheme] == nil || u.Path == "" || u.Host == "" {
			return fmt.Errorf("lab: %q is not the URL of a document", address)
		}
		muxes[u.Scheme].Handle(u.Host+u.Path, document)
		if !slices.Contains(hosts, u.Host) {
			hosts = append(hosts, u.Host)
		}
	}
	slices.Sort(hosts)
	l.webHosts = hosts
	certificate, err := l.ca.Certificate(LeafGood, hosts...)
	if err != nil {
		return err
	}
	for _, scheme := range slices.Sorted(maps.Keys(muxes)) {
		listener, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			return err
		}
		server := &http.Server{
			Handler:   muxes[scheme],
			TLSConfig: &tls.Config{Certificates: []tls.Certificate{certificate}},
			ConnState: l.countConnection, ErrorLog: log.New(io.Discard, "", 0),
		}
		l.closers = append(l.closers, server)
		l.behind[webPorts[scheme]] = listener.Addr().(*net.TCPAddr).Port
		l.workers.Go(func() {
			if scheme == "https" {
				_ = server.ServeTLS(listener, "", "")
			} else {
				_ = server.Serve(listener)
			}
		})
	}
	return nil
}

// countConnection makes Close wait for the connections of a web server.
func (l *Lab) countConnection(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		l.workers.Add(1)
	case http.StateClosed, http.StateHijacked:
		l.workers.Done()
	}
}

// Document serves a text as this type of content.
func Document(contentType, text string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		_, _ = w.Write([]byte(text)) // a client that hangs up harms nobody
	})
}

// Late answers with another's answer, after a time.
func Late(after time.Duration, document http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		take(r)
		timer := time.NewTimer(after)
		defer timer.Stop()
		select {
		case <-timer.C:
			document.ServeHTTP(w, r)
		case <-r.Context().Done():
		}
	})
}

// Never takes the request and does not answer it.
func Never() http.Handler {
	return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		take(r)
		<-r.Context().Done()
	})
}

// take reads the body of a request: before that, its context does not end with
// the connection.
func take(r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }

// Autoconfig serves a configuration file of a domain that names these
// endpoints (draft-ietf-mailmaint-autoconfig), as the domain's own server and
// the ISPDB do. The user name is the address, if an endpoint has no other.
func Autoconfig(domain string, endpoints ...report.Endpoint) http.Handler {
	type server struct {
		Type           string `xml:"type,attr"`
		Hostname       string `xml:"hostname"`
		Port           int    `xml:"port"`
		SocketType     string `xml:"socketType"`
		Username       string `xml:"username"`
		Authentication string `xml:"authentication"`
	}
	type provider struct {
		ID       string   `xml:"id,attr"`
		Domain   string   `xml:"domain"`
		Incoming []server `xml:"incomingServer"`
		Outgoing []server `xml:"outgoingServer"`
	}
	file := struct {
		XMLName  xml.Name `xml:"clientConfig"`
		Version  string   `xml:"version,attr"`
		Provider provider `xml:"emailProvider"`
	}{Version: "1.1", Provider: provider{ID: domain, Domain: domain}}
	for _, e := range endpoints {
		s := server{
			Type: string(e.Protocol), Hostname: e.Host, Port: e.Port, Username: e.Username, Authentication: "password-cleartext",
			SocketType: map[report.Security]string{report.TLS: "SSL", report.STARTTLS: "STARTTLS", report.None: "plain"}[e.Security],
		}
		if s.Username == "" {
			s.Username = "%EMAILADDRESS%"
		}
		if e.Protocol == report.SMTP {
			file.Provider.Outgoing = append(file.Provider.Outgoing, s)
		} else {
			file.Provider.Incoming = append(file.Provider.Incoming, s)
		}
	}
	text, err := xml.MarshalIndent(file, "", "  ")
	if err != nil {
		panic(err) // strings and numbers alone
	}
	return Document("text/xml; charset=utf-8", xml.Header+string(text)+"\n")
}
