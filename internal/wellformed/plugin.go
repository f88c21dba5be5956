package wellformed

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Status is what a monitoring plugin has said.
type Status struct {
	Word string // OK, WARNING, CRITICAL, UNKNOWN
	Text string // of the first line
	Long []string
	Perf map[string]Datum
}

// Datum is one of the performance data.
type Datum struct {
	Value                float64
	Unit                 string
	Warn, Crit, Min, Max string
}

var (
	statusLine = regexp.MustCompile(`^MAILCHECK (OK|WARNING|CRITICAL|UNKNOWN): ([^|]+?)(?: \| ([^|]*))?$`)
	// datum is 'label'=value[UOM];[warn];[crit];[min];[max] (Monitoring Plugins
	// Development Guidelines, section 2.6).
	datum = regexp.MustCompile(`^'([^'=]+)'=(-?[0-9.]+)(s|us|ms|%|[KMGT]?B|c)?(?:;([0-9.:@~-]*))?(?:;([0-9.:@~-]*))?(?:;([0-9.-]*))?(?:;([0-9.-]*))?(?: |$)`)
)

// maxOutput is what Nagios keeps of a plugin's output, in bytes.
const maxOutput = 4 << 10

// Plugin reads the output of a monitoring plugin.
func Plugin(output string) (*Status, error) {
	if len(output) > maxOutput {
		return nil, fmt.Errorf("%d bytes", len(output))
	}
	first, long, ended := strings.Cut(output, "\n")
	m := statusLine.FindStringSubmatch(first)
	if m == nil || !ended {
		return nil, fmt.Errorf("the first line is %q", first)
	}
	s := &Status{Word: m[1], Text: m[2], Perf: map[string]Datum{}}
	for rest := m[3]; rest != ""; {
		d := datum.FindStringSubmatch(rest)
		if d == nil {
			return nil, fmt.Errorf("performance data %q", rest)
		}
		value, err := strconv.ParseFloat(d[2], 64)
		if err != nil {
			return nil, err
		}
		if _, again := s.Perf[d[1]]; again {
			return nil, fmt.Errorf("%s is told twice", d[1])
		}
		s.Perf[d[1]] = Datum{value, d[3], d[4], d[5], d[6], d[7]}
		rest = rest[len(d[0]):]
	}
	for line := range strings.Lines(long) {
		if line = strings.TrimSuffix(line, "\n"); strings.Contains(line, "|") || line == "" {
			return nil, fmt.Errorf("the line %q", line)
		}
		s.Long = append(s.Long, line)
	}
	return s, nil
}
