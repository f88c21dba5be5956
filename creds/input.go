package creds

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"
)

// maxSecret bounds a secret, in bytes. The longest real ones are access
// tokens of a few KiB.
const maxSecret = 64 << 10

// InputError is a source that was asked for and holds no usable secret, or a
// combination of sources that makes no sense: a mistake of usage.
type InputError struct {
	Source string // as the user knows it: "--password-file", "MAILCHECK_PASSWORD"
	Reason string // never holds any of the secret
	Err    error  // may be nil
}

func (e *InputError) Error() string {
	if e.Err != nil {
		return e.Source + ": " + e.Reason + ": " + e.Err.Error()
	}
	return e.Source + ": " + e.Reason
}

func (e *InputError) Unwrap() error { return e.Err }

// OneLine reads a secret that is the one line of a stream, as that of
// --password-stdin is. Errors are [*InputError] and name the source.
func OneLine(ctx context.Context, source string, r io.Reader) (Secret, error) {
	return fromReader(r)(ctx, source)
}

// fromReader reads a stream that holds one line.
func fromReader(r io.Reader) func(context.Context, string) (Secret, error) {
	if r == nil {
		return nil
	}
	return func(ctx context.Context, flag string) (Secret, error) {
		return readSecret(ctx, flag, func() (io.ReadCloser, error) { return io.NopCloser(r), nil })
	}
}

// fromFile reads a file that holds one line.
func fromFile(name string) func(context.Context, string) (Secret, error) {
	if name == "" {
		return nil
	}
	return func(ctx context.Context, flag string) (Secret, error) {
		return readSecret(ctx, flag, func() (io.ReadCloser, error) { return os.Open(name) })
	}
}

// readSecret reads a source that holds one line and nothing else. It gives up
// when ctx ends, though a terminal or a FIFO may still keep its goroutine.
func readSecret(ctx context.Context, source string, open func() (io.ReadCloser, error)) (Secret, error) {
	data, err := await(ctx, func() ([]byte, error) {
		r, err := open()
		if err != nil {
			return nil, err
		}
		defer r.Close()
		return io.ReadAll(io.LimitReader(r, maxSecret+int64(len("\r\n"))+1))
	})
	switch {
	case ctx.Err() != nil:
		return Secret{}, context.Cause(ctx)
	case err != nil:
		return Secret{}, &InputError{Source: source, Reason: "cannot be read", Err: err}
	}
	if reason := encodingFlaw(data); reason != "" {
		return Secret{}, &InputError{Source: source, Reason: reason}
	}
	line := bytes.TrimSuffix(data, []byte("\n"))
	if len(line) < len(data) {
		line = bytes.TrimSuffix(line, []byte("\r"))
	}
	if bytes.IndexByte(line, '\n') >= 0 {
		return Secret{}, &InputError{Source: source, Reason: "more than one line, where the secret alone should stand"}
	}
	return usable(source, string(line))
}

// encodingFlaw names an encoding that would make the bytes a wrong password.
func encodingFlaw(data []byte) string {
	switch {
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")):
		return "it begins with a byte order mark: save it as UTF-8 without BOM"
	case bytes.HasPrefix(data, []byte("\xff\xfe")), bytes.HasPrefix(data, []byte("\xfe\xff")),
		bytes.IndexByte(data, 0) >= 0:
		return "it is not plain text, perhaps UTF-16: save it as UTF-8"
	}
	return ""
}

// usable returns s as a Secret unless no protocol could carry it unharmed:
// NUL ends a field of SASL PLAIN (RFC 4616 section 2), CR and LF end the line
// of a command. Everything else, also 8-bit and blanks at the ends, is kept.
func usable(source, s string) (Secret, error) {
	reason := ""
	switch {
	case s == "":
		reason = "it is empty"
	case len(s) > maxSecret:
		reason = "it is longer than 64 KiB"
	case strings.IndexByte(s, 0) >= 0:
		reason = "the secret has a NUL character"
	case strings.ContainsAny(s, "\r\n"):
		reason = "the secret has a line break"
	default:
		return NewSecret(s), nil
	}
	return Secret{}, &InputError{Source: source, Reason: reason}
}

// promptSecret asks the user. No answer is no secret.
func promptSecret(ctx context.Context, prompt func(context.Context) (Secret, error)) (Secret, error) {
	s, err := prompt(ctx)
	switch {
	case errors.Is(err, io.EOF), err == nil && s.IsZero():
		return Secret{}, ErrMissing
	case err != nil:
		return Secret{}, err
	}
	return usable("the prompt", s.Reveal())
}
