package testmsg

import (
	"errors"
	"net/mail"
	"slices"
	"strings"
	"time"

	"mailcheck/report"
)

// maxHops is how many Received fields are kept, the newest. RFC 5321 section
// 6.3 takes a hundred for a loop; real ways have under 15.
const maxHops = 30

// ErrNoHeader is a text in which no header field was found.
var ErrNoHeader = errors.New("the server sent no message header")

// Inspection is what the way left in a header.
type Inspection struct {
	// Received are the hops, the oldest first, at most 30.
	Received []report.Hop
	// Authentication is nil when the header says nothing of it.
	Authentication *report.Authentication
}

// ReadHeader reads the header of a message that arrived. Fields that make no
// sense are passed over; the only error is [ErrNoHeader].
func ReadHeader(header []byte) (Inspection, error) {
	fields := readFields(header)
	if len(fields) == 0 {
		return Inspection{}, ErrNoHeader
	}
	return Inspection{Received: readHops(fields), Authentication: readAuthentication(fields)}, nil
}

// readHops reads the Received fields (RFC 5321 section 4.4). Each server puts
// its own on top. DelayS can be negative: clocks differ.
func readHops(fields []field) []report.Hop {
	var hops []report.Hop
	for _, f := range fields {
		if !f.is("Received") || len(hops) == maxHops {
			continue
		}
		if hop := readHop(f.value); hop != (report.Hop{}) {
			hops = append(hops, hop)
		}
	}
	slices.Reverse(hops)
	var before time.Time
	for i := range hops {
		h := &hops[i]
		if h.Time.IsZero() {
			continue
		}
		if !before.IsZero() {
			h.DelayS = h.Time.Sub(before).Seconds()
		}
		before = h.Time
	}
	return hops
}

// readHop reads one Received field: name-value pairs, then a semicolon and the
// date. Exchange's protocol has several words ("Microsoft SMTP Server").
func readHop(value string) report.Hop {
	parts := clauses(value)
	pairs := map[string]string{}
	var key string
	for _, word := range strings.Fields(parts[0]) {
		switch lower := strings.ToLower(word); lower {
		case "from", "by", "via", "with", "id", "for":
			key = lower
			if _, twice := pairs[key]; twice {
				key = ""
			} else {
				pairs[key] = ""
			}
		default:
			switch {
			case key == "":
			case pairs[key] == "":
				pairs[key] = word
			case key == "with" && len(pairs[key]) < maxText:
				pairs[key] += " " + word
			}
		}
	}
	hop := report.Hop{From: clean(pairs["from"]), By: clean(pairs["by"]), With: clean(pairs["with"])}
	if len(parts) > 1 {
		hop.Time = readDate(parts[len(parts)-1])
	}
	return hop
}

// usualDate is how nearly every server writes a date (RFC 5322 section 3.3).
const usualDate = "Mon, 2 Jan 2006 15:04:05 -0700"

// readDate reads a date (RFC 5322 section 3.3) as UTC; one before 1970 or far
// in the future is no date.
func readDate(text string) time.Time {
	text = clean(text)
	t, err := time.Parse(usualDate, text)
	if err != nil {
		t, err = mail.ParseDate(text)
	}
	if err != nil {
		return time.Time{}
	}
	if t = t.UTC(); t.Year() < 1970 || t.Year() > 2999 {
		return time.Time{}
	}
	return t
}
