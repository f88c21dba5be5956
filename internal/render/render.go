// Package render writes a report for people and for programs, and shows a run
// while it goes on.
//
//  1. [Announce] says before a run what it is about to do.
//  2. [Live] shows the run: on a terminal a line a check, redrawn in place;
//     elsewhere a plain line a step.
//  3. [Formats] are the ways to write the finished report, one file each:
//     [Text] (text.go and the files of its parts: checks.go, verbose.go,
//     verdict.go, settings.go, closing.go), [HTML] with the same contents,
//     [JSON], whose form is [Schema], and for the programs that watch over mail
//     [JUnit], [GitHub] with [Markdown] for the summary of its job, [Nagios] with
//     its [PluginStatus], and [Prometheus]. story.go tells them what failed.
//
// What servers said is foreign. It passes [Clean] before it meets anything
// here: every format and the live lines work on a cleaned copy alone.
package render

import (
	"io"

	"mailcheck/report"
)

// Options shapes an output. The zero value is the usual one, without colour.
type Options struct {
	Verbosity Verbosity
	// Color paints result words and the headline (ANSI SGR), nothing else.
	Color bool
	// Strict says that a warning fails the run.
	Strict bool
}

// Verbosity is how much the text says.
type Verbosity int

// The degrees of verbosity.
const (
	Normal  Verbosity = iota
	Quiet             // the headline, what to do, and the last line
	Verbose           // also each step's detail, addresses, certificates, capabilities
)

// Format is one way to write a report.
type Format struct {
	Name  string // as --output names it
	Write func(io.Writer, *report.Report, Options) error
}

// Formats are all of them, the default first.
var Formats = []Format{
	{"text", Text},
	{"json", JSON},
	{"junit", JUnit},
	{"html", HTML},
	{"github", GitHub},
	{"nagios", Nagios},
	{"prometheus", Prometheus},
}
