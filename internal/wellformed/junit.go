package wellformed

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Results are test results.
type Results struct {
	Properties map[string]string
	Cases      []Case
}

// Case is a testcase. Kind is "failure", "error", "skipped", or empty for one
// that passed.
type Case struct {
	Class, Name         string
	Kind, Type, Message string
	Text                string // of the failure or error, else the output
	Seconds             float64
}

// Count is how many testcases are of a kind.
func (r *Results) Count(kind string) int {
	n := 0
	for _, c := range r.Cases {
		if c.Kind == kind {
			n++
		}
	}
	return n
}

// element is what may stand in an element of the JUnit form: the part of
// junit-10.xsd (Jenkins' xUnit plugin) that other readers know too.
type element struct {
	required, optional []string // attributes
	children           []string
	text               bool
}

var junitForm = map[string]element{
	"testsuites": {required: []string{"tests", "failures", "errors"}, optional: []string{"name", "time"}, children: []string{"testsuite"}},
	"testsuite": {required: []string{"name", "tests", "failures", "errors"}, optional: []string{"skipped", "time", "timestamp"},
		children: []string{"properties", "testcase"}},
	"properties": {children: []string{"property"}},
	"property":   {required: []string{"name", "value"}},
	"testcase":   {required: []string{"name", "classname", "time"}, children: []string{"skipped", "error", "failure", "system-out"}},
	"skipped":    {required: []string{"message"}, optional: []string{"type"}},
	"error":      {required: []string{"type", "message"}, text: true},
	"failure":    {required: []string{"type", "message"}, text: true},
	"system-out": {text: true},
}

// surefireTime is the form of a duration in junit-10.xsd.
var surefireTime = regexp.MustCompile(`^[0-9]+(\.[0-9]*)?$`)

// JUnit reads test results.
func JUnit(data []byte) (*Results, error) {
	var form struct {
		XMLName xml.Name `xml:"testsuites"`
		counts
		Suites []struct {
			counts
			Skipped    int `xml:"skipped,attr"`
			Properties []struct {
				Name  string `xml:"name,attr"`
				Value string `xml:"value,attr"`
			} `xml:"properties>property"`
			Cases []struct {
				Class   string   `xml:"classname,attr"`
				Name    string   `xml:"name,attr"`
				Time    string   `xml:"time,attr"`
				Skipped *message `xml:"skipped"`
				Error   *message `xml:"error"`
				Failure *message `xml:"failure"`
				Output  string   `xml:"system-out"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := follows(data, junitForm); err != nil {
		return nil, err
	}
	if err := xml.Unmarshal(data, &form); err != nil {
		return nil, err
	}
	if len(form.Suites) != 1 {
		return nil, fmt.Errorf("%d suites", len(form.Suites))
	}
	suite := form.Suites[0]
	r := &Results{Properties: map[string]string{}}
	for _, p := range suite.Properties {
		r.Properties[p.Name] = p.Value
	}
	seen := map[string]bool{}
	for _, c := range suite.Cases {
		read := Case{Class: c.Class, Name: c.Name, Text: c.Output}
		for kind, m := range map[string]*message{"skipped": c.Skipped, "error": c.Error, "failure": c.Failure} {
			if m == nil {
				continue
			}
			if read.Kind != "" {
				return nil, fmt.Errorf("%s is %s and %s", c.Name, read.Kind, kind)
			}
			read.Kind, read.Type, read.Message, read.Text = kind, m.Type, m.Message, m.Text
		}
		read.Seconds, _ = strconv.ParseFloat(c.Time, 64) // its form is known
		if seen[c.Class+"/"+c.Name] {
			return nil, fmt.Errorf("two testcases are called %s", c.Name)
		}
		seen[c.Class+"/"+c.Name] = true
		r.Cases = append(r.Cases, read)
	}
	for _, c := range []counts{form.counts, suite.counts} {
		if c.Tests != len(r.Cases) || c.Failures != r.Count("failure") || c.Errors != r.Count("error") || suite.Skipped != r.Count("skipped") {
			return nil, fmt.Errorf("wrong sums: %+v", c)
		}
	}
	return r, nil
}

type counts struct {
	Tests    int `xml:"tests,attr"`
	Failures int `xml:"failures,attr"`
	Errors   int `xml:"errors,attr"`
}

type message struct {
	Type    string `xml:"type,attr"`
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// follows holds XML to a form: its elements, their attributes and children.
func follows(data []byte, form map[string]element) error {
	dec := xml.NewDecoder(bytes.NewReader(data))
	var open []string
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) && len(open) == 0 {
			return nil
		}
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.StartElement:
			name := t.Name.Local
			e, known := form[name]
			if !known || t.Name.Space != "" {
				return fmt.Errorf("unknown element %s", name)
			}
			if len(open) == 0 != (name == "testsuites") || len(open) > 0 && !slices.Contains(form[open[len(open)-1]].children, name) {
				return fmt.Errorf("%s in %s", name, strings.Join(open, "/"))
			}
			if err := e.attributes(name, t.Attr); err != nil {
				return err
			}
			open = append(open, name)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			if strings.TrimSpace(string(t)) != "" && (len(open) == 0 || !form[open[len(open)-1]].text) {
				return fmt.Errorf("text in %s: %q", strings.Join(open, "/"), t)
			}
		case xml.Directive, xml.Comment:
			return fmt.Errorf("%T", t)
		}
	}
}

func (e element) attributes(name string, given []xml.Attr) error {
	var names []string
	for _, a := range given {
		if names = append(names, a.Name.Local); !slices.Contains(slices.Concat(e.required, e.optional), a.Name.Local) {
			return fmt.Errorf("%s has an attribute %s", name, a.Name.Local)
		}
		if a.Name.Local == "time" && !surefireTime.MatchString(a.Value) {
			return fmt.Errorf("%s takes %q", name, a.Value)
		}
	}
	for _, required := range e.required {
		if !slices.Contains(names, required) {
			return fmt.Errorf("%s has no %s", name, required)
		}
	}
	return nil
}
