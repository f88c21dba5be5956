//go:build linux

package e2e

import (
	"encoding/base64"
	"fmt"
	"os"
	"os/user"
	"strconv"
	"strings"
)

// prepareDovecot writes what no fault changes: accounts, the key for tokens,
// the directory of the mailboxes.
func (s *site) prepareDovecot() error {
	keys := s.path("dovecot", "keys", "default", "HS256")
	for _, dir := range []string{s.path("mail"), keys} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	owner, group, err := mailOwner()
	if err != nil {
		return err
	}
	if err := os.Chown(s.path("mail"), owner, group); err != nil {
		return err
	}
	key := base64.StdEncoding.EncodeToString([]byte(tokenKey))
	if err := os.WriteFile(keys+"/default", []byte(key), 0o644); err != nil {
		return err
	}
	for _, name := range []string{"oauth2.conf", "oauth2-issuer.conf"} {
		if err := s.configure(s.path("dovecot", name), name, fault{}); err != nil {
			return err
		}
	}
	files := map[string]*strings.Builder{}
	for _, name := range []string{"users", "passwd.imap", "passwd.pop3", "passwd.smtp"} {
		files[name] = new(strings.Builder)
	}
	for _, a := range accounts {
		// All seven fields, or the user database does not know the user.
		fmt.Fprintf(files["users"], "%s:::::::\n", a.Address)
		// Clear text, because CRAM-MD5, APOP and both SCRAM are made from it;
		// base64, because the fields of the file end at colons.
		login := fmt.Sprintf("%s:{PLAIN.b64}%s\n", a.Address, base64.StdEncoding.EncodeToString([]byte(a.Password)))
		files["passwd.imap"].WriteString(login)
		files["passwd.pop3"].WriteString(login)
		if a.MaySend {
			files["passwd.smtp"].WriteString(login)
		}
	}
	for name, content := range files {
		if err := os.WriteFile(s.path("dovecot", name), []byte(content.String()), 0o644); err != nil {
			return err
		}
	}
	return nil
}

func (s *site) startDovecot(f fault) error {
	// A socket that an earlier run left here costs 5 s at the first login.
	if err := os.RemoveAll(s.path("dovecot", "run")); err != nil {
		return err
	}
	conf := s.path("dovecot", "dovecot.conf")
	if err := s.configure(conf, "dovecot.conf", f); err != nil {
		return err
	}
	var err error
	if s.dovecot, err = startDaemon(s.path("dovecot.out"), nil, nil, "dovecot", "-F", "-c", conf); err != nil {
		return err
	}
	if err := s.dovecot.ready(greets("143", "* OK")); err != nil {
		return err
	}
	return s.dovecot.ready(greets("110", "+OK"))
}

// mailOwner returns the ids of the system user to whom all mailboxes belong.
func mailOwner() (uid, gid int, err error) {
	nobody, err := user.Lookup("nobody")
	if err != nil {
		return 0, 0, err
	}
	if uid, err = strconv.Atoi(nobody.Uid); err != nil {
		return 0, 0, err
	}
	gid, err = strconv.Atoi(nobody.Gid)
	return uid, gid, err
}
