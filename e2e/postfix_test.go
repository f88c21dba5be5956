//go:build linux

package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"time"
)

// preparePostfix makes the queue. Postfix's own set-up, which it skips once
// the queue is there, takes three seconds.
func (s *site) preparePostfix() error {
	postfix, err := user.Lookup("postfix")
	if err != nil {
		return err
	}
	owner, err := strconv.Atoi(postfix.Uid)
	if err != nil {
		return err
	}
	for _, dir := range []string{"conf", "data", "queue/pid"} {
		if err := os.MkdirAll(s.path("postfix", dir), 0o755); err != nil {
			return err
		}
	}
	if err := os.Chown(s.path("postfix", "data"), owner, -1); err != nil {
		return err
	}
	for _, dir := range []string{"active", "bounce", "corrupt", "defer", "deferred", "flush",
		"hold", "incoming", "maildrop", "private", "public", "saved", "trace"} {
		path := s.path("postfix", "queue", dir)
		if err := os.Mkdir(path, 0o755); err != nil {
			return err
		}
		if err := os.Chown(path, owner, -1); err != nil {
			return err
		}
	}
	return nil
}

func (s *site) startPostfix(f fault) error {
	for _, name := range []string{"main.cf", "master.cf"} {
		path := s.path("postfix", "conf", name)
		if err := s.configure(path, name, f); err != nil {
			return err
		}
		// Postfix waits until a new file is two seconds old, in case somebody
		// is still writing it.
		minuteAgo := time.Now().Add(-time.Minute)
		if err := os.Chtimes(path, minuteAgo, minuteAgo); err != nil {
			return err
		}
	}
	if err := s.emptyQueue(); err != nil {
		return err
	}
	var err error
	s.postfix, err = startDaemon(s.path("postfix.out"), nil, nil,
		"/usr/lib/postfix/sbin/master", "-d", "-c", s.path("postfix", "conf"))
	if err != nil {
		return err
	}
	return s.postfix.ready(greets("25", "220 "))
}

// emptyQueue deletes the messages that a faulty site could not hand on: they
// are not to arrive in the midst of a later test.
func (s *site) emptyQueue() error {
	out, err := exec.Command("postsuper", "-c", s.path("postfix", "conf"), "-d", "ALL").CombinedOutput()
	if err != nil {
		return fmt.Errorf("postsuper: %w: %s", err, out)
	}
	return nil
}
