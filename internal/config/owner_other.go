//go:build !unix

package config

import "io/fs"

// ownership trusts every file: on Windows a profile's files are its user's own.
func ownership(fs.FileInfo) string { return "" }
