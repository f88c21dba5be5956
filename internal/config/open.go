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
	text, err := open(name)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR): // a directory above it is none
		return nil, fmt.Errorf("%s: %w", name, fs.ErrNotExist)
	case err != nil:
		var path *fs.PathError
		if errors.As(err, &path) {
			err = path.Err
		}
		return nil, Faults{{File: name, Text: err.Error()}}
	}
	return Parse(name, text, keys)
}

// open reads the bytes of a file. What is no regular file is not opened: a pipe
// without a writer would hang.
func open(name string) ([]byte, error) {
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
	defer f.Close()
	if info, err = f.Stat(); err != nil {
		return nil, err
	}
	if flaw := ownership(info); flaw != "" {
		return nil, errors.New(flaw)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxFile {
		return nil, fmt.Errorf("it is longer than %d KiB", maxFile>>10)
	}
	return text, nil
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
