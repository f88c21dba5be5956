package verify

import (
	"context"
	"time"

	"mailcheck/creds"
	"mailcheck/imap"
	"mailcheck/internal/crash"
	"mailcheck/internal/testmsg"
	"mailcheck/report"
)

const (
	// leftoverTime is how long the search for what earlier runs left behind, and
	// its removal, may take: it must not keep anybody who has the verdict.
	leftoverTime = 5 * time.Second
	// afterRun is how long after its end at the latest a run's message may be
	// taken for left behind.
	afterRun = 2 * time.Minute
)

// signing is the key that marks this user's test messages. The keyring is
// asked beside the run, which never waits for it: a key that is not there when
// the message is composed is none.
type signing struct {
	asked  chan creds.Secret
	cancel context.CancelFunc
	signer testmsg.Signer
}

// askForKey asks the keyring for the key, if this run means to remove what it
// sends. The keyring that gave the password is open; another one is asked only
// if it answers without a dialogue.
func (r *run) askForKey(ctx context.Context) {
	s := &r.signing
	s.signer.Account = r.o.Account.Mailbox()
	s.asked = make(chan creds.Secret, 1)
	ctx, s.cancel = context.WithCancel(ctx)
	keyring := r.o.QuietKeyring
	if r.secrets.Main.Source == creds.FromKeyring {
		keyring = r.o.Credentials.Keyring
	}
	sends := r.o.awaitsArrival() && !r.secrets.For(string(report.SMTP)).Secret.IsZero()
	if keyring == nil || !sends || r.o.Keep {
		return
	}
	r.wait.Go(crash.Guard(ctx, func() {
		if key, err := creds.SigningKey(ctx, keyring); err == nil {
			s.asked <- key
		}
	}))
}

// take returns the signer, without a key if none has come, and ends the asking.
func (s *signing) take() testmsg.Signer {
	select {
	case s.signer.Key = <-s.asked:
	default:
	}
	s.cancel()
	return s.signer
}

// over is when this run, its cleanup included, is over for certain.
func (r *run) over() time.Time {
	return r.o.Now().Add(r.o.Timeout + r.o.Wait + cleanupTime + afterRun)
}

// leftovers are the messages that earlier runs have left behind.
func (r *run) leftovers() imap.Leftovers {
	return imap.Leftovers{
		Subject: testmsg.SubjectWords,
		Fields:  []string{testmsg.TokenField, testmsg.SignatureField},
		Match:   func(header []byte) bool { return r.signing.signer.LeftBehind(header, r.o.Now()) },
	}
}
