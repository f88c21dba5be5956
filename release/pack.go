package main

import (
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/goreleaser/nfpm/v2"
	_ "github.com/goreleaser/nfpm/v2/deb" // registers the format
	_ "github.com/goreleaser/nfpm/v2/rpm" // registers the format
)

// formats are the kinds of packages.
var formats = []string{"deb", "rpm"}

// pack writes a package of the program for a Linux, as nfpm.yaml says.
func (r *release) pack(format string, t target, program, beside string) error {
	page := filepath.Join(filepath.Dir(program), "mailcheck.1.gz")
	if err := compress(page, filepath.Join(beside, "docs", "mailcheck.1")); err != nil {
		return err
	}
	config, err := os.ReadFile(filepath.Join(r.root, "release", "nfpm.yaml"))
	if err != nil {
		return err
	}
	values := map[string]string{"ARCH": t.arch, "VERSION": r.version, "PROGRAM": program, "BESIDE": beside, "PAGE": page}
	described, err := nfpm.Parse(strings.NewReader(os.Expand(string(config), func(name string) string { return values[name] })))
	if err != nil {
		return err
	}
	info, err := described.Get(format)
	if err != nil {
		return err
	}
	info.MTime = r.time
	for _, c := range info.Contents { // else each would have the time of its file here
		if c.FileInfo == nil {
			continue
		}
		c.FileInfo.MTime = r.time
	}
	info = nfpm.WithDefaults(info)
	if err := nfpm.PrepareForPackager(info, format); err != nil {
		return err
	}
	packager, err := nfpm.Get(format)
	if err != nil {
		return err
	}
	info.Target = filepath.Join(r.out, packager.ConventionalFileName(info))
	return create(info.Target, func(w io.Writer) error { return packager.Package(info, w) })
}

// compress writes a file compressed, without its time and name.
func compress(to, from string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	f, err := os.Create(to)
	if err != nil {
		return err
	}
	w, err := gzip.NewWriterLevel(f, gzip.BestCompression)
	if err != nil {
		return errors.Join(err, f.Close())
	}
	_, err = w.Write(data)
	return errors.Join(err, w.Close(), f.Close())
}
