package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
	"unicode/utf8"
)

// maxFile bounds a config file, in bytes. An account takes some hundred.
const maxFile = 1 << 20

// Read reads a file. A file that is not there is fs.ErrNotExist; everything else
// that is wrong is [Faults], as of [Parse].
func Read(name string, keys Keys) (*File, error) {
	f, err := Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(text) > maxFile {
		err = fmt.Errorf("it is longer than %d KiB", maxFile>>10)
	}
	if err != nil {
		return nil, Faults{{File: name, Text: reason(err)}}
	}
	return Parse(name, text, keys)
}

// Open opens a file that may have the program run others, and refuses one that
// others may write to. Its errors are those of [Read].
func Open(name string) (*os.File, error) {
	f, err := open(name)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR): // a directory above it is none
		return nil, fmt.Errorf("%s: %w", name, fs.ErrNotExist)
	case err != nil:
		return nil, Faults{{File: name, Text: reason(err)}}
	}
	return f, nil
}

// reason is an error without the path, which a fault names.
func reason(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return err.Error()
}

// open opens a file. What is no regular file is not opened: a pipe without a
// writer would hang.
func open(name string) (*os.File, error) {
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, errors.New("it is a directory")
	case !info.Mode().IsRegular():
		return nil, errors.New("it is no regular file")
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	if info, err = f.Stat(); err == nil {
		if flaw := ownership(info); flaw != "" {
			err = errors.New(flaw)
		}
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// encodingFlaw says why bytes are no text in UTF-8; empty where they are.
func encodingFlaw(text []byte) string {
	switch {
	case bytes.HasPrefix(text, []byte("\xef\xbb\xbf")):
		return "it begins with a byte order mark: save it as UTF-8 without BOM"
	case bytes.HasPrefix(text, []byte("\xff\xfe")), bytes.HasPrefix(text, []byte("\xfe\xff")), bytes.IndexByte(text, 0) >= 0:
		return "it is not plain text, perhaps UTF-16: save it as UTF-8"
	case !utf8.Valid(text):
		return "it is not plain text in UTF-8"
	}
	return ""
}
