package creds

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// inputs are contents of a file or of standard input, and what they give: a
// secret, or an *InputError with this in its reason.
var inputs = []struct{ name, content, secret, reason string }{
	{"plain", "pw", "pw", ""},
	{"LF", "pw\n", "pw", ""},
	{"CRLF", "pw\r\n", "pw", ""},
	{"blanks kept", "  p w\t \n", "  p w\t ", ""},
	{"UTF-8", "pässwörd\n", "pässwörd", ""},
	{"8-bit", "p\xe4ss\n", "p\xe4ss", ""},
	{"quotes", `"p'w\"` + "\n", `"p'w\"`, ""},
	{"as long as can be", strings.Repeat("x", maxSecret) + "\r\n", strings.Repeat("x", maxSecret), ""},
	{"empty", "", "", "empty"},
	{"empty line", "\n", "", "empty"},
	{"empty line, CRLF", "\r\n", "", "empty"},
	{"two lines", "pw\nsecond", "", "more than one line"},
	{"an empty line more", "pw\n\n", "", "more than one line"},
	{"two lines, CRLF", "pw\r\nsecond\r\n", "", "more than one line"},
	{"CR inside", "p\rw\n", "", "line break"},
	{"CR at the end", "pw\r", "", "line break"},
	{"BOM", "\xef\xbb\xbfpw\n", "", "byte order mark"},
	{"UTF-16 LE", "\xff\xfep\x00w\x00", "", "UTF-16"},
	{"UTF-16 BE", "\xfe\xff\x00p\x00w", "", "UTF-16"},
	{"UTF-16 without BOM", "p\x00w\x00\n\x00", "", "UTF-16"},
	{"too long", strings.Repeat("x", maxSecret+1), "", "64 KiB"},
	{"far too long", strings.Repeat("x", 2*maxSecret) + "\n", "", "64 KiB"},
}

func TestPasswordFileAndStdin(t *testing.T) {
	for _, tt := range inputs {
		t.Run(tt.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "pw")
			if err := os.WriteFile(file, []byte(tt.content), 0o600); err != nil {
				t.Fatal(err)
			}
			for source, o := range map[string]Options{
				"--password-file":     {PasswordFile: file},
				"--password-stdin":    {PasswordStdin: strings.NewReader(tt.content)},
				"--oauth-token-stdin": {TokenStdin: strings.NewReader(tt.content)},
			} {
				set, err := Find(t.Context(), Account{}, o)
				if got := set.Main.Secret.Reveal(); got != tt.secret {
					t.Errorf("%s: secret %.40q, want %.40q", source, got, tt.secret)
				}
				checkInputError(t, err, source, tt.reason)
			}
		})
	}
}

// checkInputError wants an *InputError that names the source and the reason
// and shows nothing of the content; with no reason, no error.
func checkInputError(t *testing.T, err error, source, reason string) {
	t.Helper()
	var ie *InputError
	switch {
	case reason == "":
		if err != nil {
			t.Errorf("%s: %v", source, err)
		}
	case !errors.As(err, &ie):
		t.Errorf("%s: error %v", source, err)
	case ie.Source != source || !strings.Contains(ie.Reason, reason):
		t.Errorf("error %q, want %s and %q", ie, source, reason)
	case strings.Contains(err.Error(), "pw"), strings.Contains(err.Error(), "xxx"):
		t.Errorf("the error tells the content: %v", err)
	}
}

func TestPasswordFileMissing(t *testing.T) {
	_, err := Find(t.Context(), Account{}, Options{PasswordFile: filepath.Join(t.TempDir(), "none")})
	checkInputError(t, err, "--password-file", "cannot be read")
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v is no fs.ErrNotExist", err)
	}
}

// Ctrl-C ends a run that waits for a password on standard input.
func TestStdinEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := io.Pipe()
		defer w.Close()
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		if _, err := Find(ctx, Account{}, Options{PasswordStdin: r}); err != context.Canceled {
			t.Errorf("error %v", err)
		}
	})
}
