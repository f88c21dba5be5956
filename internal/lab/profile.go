package lab

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"mailcheck/report"
)

// Profile is a mail provider that the lab plays: the same host names, ports and
// encryption, the same ways to log in, and refusals in its own words.
type Profile struct {
	Name   string // "gmail"
	Title  string // for people: "Gmail"
	SignIn string // what its servers want at a login, a line for people
	Notes  string // what else there is to know about it, in sentences
	Sound  Scene  // the account when nothing is wrong with it; it has no name
	Faults []Scene

	options Options
	token   bool // the account has an access token
}

// Scene is an account of a profile in some state, and what a check of it is
// expected to say.
type Scene struct {
	Name       string   // of the fault: "app-password"
	Title      string   // one line for people
	Flags      []string // what the user adds to "mailcheck ADDRESS"; nil is those of Sound
	Step       string   // the step that fails or warns; empty when none does
	Cause      report.Cause
	Result     report.Result // of the whole run
	ExitStatus int
	Headline   string // how the headline of the verdict begins
	Advice     string // a part of the first advice; empty is any
	Further    string // a part of a later one; empty is any or none

	words map[string]string // Options.Words
	set   func(*behaviour)
	play  func(*Options)
}

// fingerprint stands in Scene.Flags for the SHA-256 of the certificate of the
// lab, which is new for each.
const fingerprint = "FINGERPRINT"

// Profiles returns every profile that [Options].Provider can name.
func Profiles() []Profile { return slices.Concat(greatProfiles, furtherProfiles) }

// FindProfile returns the profile with this name.
func FindProfile(name string) (Profile, bool) {
	all := Profiles()
	i := slices.IndexFunc(all, func(p Profile) bool { return p.Name == name })
	if i < 0 {
		return Profile{}, false
	}
	return all[i], true
}

// FindFault returns the fault with this name; an empty name is Sound.
func (p *Profile) FindFault(name string) (Scene, bool) {
	for _, s := range append([]Scene{p.Sound}, p.Faults...) {
		if s.Name == name {
			if s.Flags == nil {
				s.Flags = p.Sound.Flags
			}
			return s, true
		}
	}
	return Scene{}, false
}

// Address is the mail address of the account.
func (p *Profile) Address() string { return p.options.Address }

// play makes the options those of a profile and one of its scenes.
func (l *Lab) play() error {
	given := l.opts
	p, ok := FindProfile(given.Provider)
	if !ok {
		return fmt.Errorf("lab: unknown provider %q", given.Provider)
	}
	scene, ok := p.FindFault(given.Fault)
	if !ok {
		return fmt.Errorf("lab: unknown fault %q of %s", given.Fault, given.Provider)
	}
	l.opts = p.options
	l.opts.Provider, l.opts.Fault, l.opts.Password = given.Provider, given.Fault, given.Password
	l.opts.Delay, l.opts.DNSDelay, l.opts.DeliverAfter = given.Delay, given.DNSDelay, given.DeliverAfter
	l.opts.Words, l.opts.WellKnownPorts, l.opts.NoSRV = scene.words, true, true
	if p.token {
		l.opts.Token = rand.Text()
	}
	if scene.play != nil {
		scene.play(&l.opts)
	}
	if p.Sound.set != nil {
		p.Sound.set(&l.behaviour)
	}
	if scene.set != nil {
		scene.set(&l.behaviour)
	}
	l.flags = scene.Flags
	return nil
}

// Flags are what the user of the account adds to "mailcheck ADDRESS", as the
// profile or its fault has it.
func (l *Lab) Flags() []string {
	var flags []string
	for _, f := range l.flags {
		if strings.Contains(f, fingerprint) {
			sum := sha256.Sum256(l.certificate.Leaf.Raw)
			f = strings.ReplaceAll(f, fingerprint, hex.EncodeToString(sum[:]))
		}
		flags = append(flags, f)
	}
	return flags
}

// servers are endpoints in the URL form of the program's flags, "imaps://HOST",
// with a port where it is not that of the scheme.
func servers(urls ...string) []report.Endpoint {
	var list []report.Endpoint
	for _, url := range urls {
		scheme, rest, _ := strings.Cut(url, "://")
		scheme, insecure := strings.CutSuffix(scheme, "+insecure")
		e := report.Endpoint{Security: report.STARTTLS}
		protocol, implicit := strings.CutSuffix(scheme, "s")
		if implicit {
			e.Security = report.TLS
		}
		e.Protocol = report.Protocol(protocol)
		e.Port = wellKnown[e.Protocol][e.Security]
		if insecure {
			e.Security = report.None
		}
		host, port, given := strings.Cut(rest, ":")
		if e.Host = host; given {
			e.Port, _ = strconv.Atoi(port) // of the tables, whose test reaches every port
		}
		list = append(list, e)
	}
	return list
}

// worded are the words of servers by step, in pairs.
func worded(pairs ...string) map[string]string {
	words := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		words[pairs[i]] = pairs[i+1]
	}
	return words
}

// How headlines begin.
const (
	allIsWell     = "ALL IS WELL: "
	withWarning   = "ALL WORKS, WITH A WARNING: "
	notAllWell    = "YOU CAN RECEIVE AND SEND, BUT NOT ALL IS WELL: "
	cannotReceive = "YOU CAN SEND BUT NOT RECEIVE: "
	// Two user names were refused, and so the others were not tried.
	cannotReceiveAlone = "YOU CANNOT RECEIVE: "
	cannotSend         = "YOU CAN RECEIVE BUT NOT SEND: "
	neither            = "NEITHER RECEIVING NOR SENDING WORKS: "
	noLogin            = "NO LOGIN WAS MADE: "
)

// well is the scene of an account that works.
func well(flags ...string) Scene {
	return Scene{Title: "all is well", Flags: flags, Result: report.OK, Headline: allIsWell}
}
