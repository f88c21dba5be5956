package main

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"
)

// entry is a file of an archive.
type entry struct {
	name string // within the archive
	file string // on the disk
	mode os.FileMode
}

// archive writes the archive of a system: a zip for Windows, whose users have
// nothing else, and a tar for the others.
func (r *release) archive(t target, program, beside string) error {
	name := "mailcheck_" + r.number() + "_" + t.os + "_" + t.arch
	entries := []entry{{path.Join(name, t.program()), program, 0o755}}
	files, err := filesBelow(beside)
	if err != nil {
		return err
	}
	for _, f := range files {
		entries = append(entries, entry{path.Join(name, f), filepath.Join(beside, filepath.FromSlash(f)), 0o644})
	}
	write, extension := tarball, ".tar.gz"
	if t.os == "windows" {
		write, extension = zipball, ".zip"
	}
	return create(filepath.Join(r.out, name+extension), func(w io.Writer) error { return write(w, entries, r.time) })
}

// create writes a file that is not there yet.
func create(name string, write func(io.Writer) error) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}

// tarball writes a compressed tar: in the order of the entries, each file of
// one time and of root.
func tarball(w io.Writer, entries []entry, at time.Time) error {
	compressed, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return err
	}
	archive := tar.NewWriter(compressed)
	for _, e := range entries {
		data, err := os.ReadFile(e.file)
		if err != nil {
			return err
		}
		header := tar.Header{
			Typeflag: tar.TypeReg, Name: e.name, Size: int64(len(data)), Mode: int64(e.mode), ModTime: at,
			Uname: "root", Gname: "root", Format: tar.FormatUSTAR,
		}
		if err := archive.WriteHeader(&header); err != nil {
			return err
		}
		if _, err := archive.Write(data); err != nil {
			return err
		}
	}
	return errors.Join(archive.Close(), compressed.Close())
}

// zipball writes a zip in the same manner.
func zipball(w io.Writer, entries []entry, at time.Time) error {
	archive := zip.NewWriter(w)
	for _, e := range entries {
		data, err := os.ReadFile(e.file)
		if err != nil {
			return err
		}
		header := zip.FileHeader{Name: e.name, Method: zip.Deflate, Modified: at}
		header.SetMode(e.mode)
		part, err := archive.CreateHeader(&header)
		if err != nil {
			return err
		}
		if _, err := part.Write(data); err != nil {
			return err
		}
	}
	return archive.Close()
}

// checksums writes SHA256SUMS of the files of a directory, as sha256sum -c
// reads it.
func checksums(dir string) error {
	files, err := filesBelow(dir)
	if err != nil {
		return err
	}
	var sums strings.Builder
	for _, name := range files {
		data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil {
			return err
		}
		fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(data), name)
	}
	return create(filepath.Join(dir, "SHA256SUMS"), func(w io.Writer) error {
		_, err := io.WriteString(w, sums.String())
		return err
	})
}
