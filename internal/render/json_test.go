package render

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"mailcheck/report"
)

func compileSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("report.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("report.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func written(t *testing.T, r *report.Report) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := JSON(&b, r, Options{}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestReportsFollowTheSchema(t *testing.T) {
	s := compileSchema(t)
	for name := range samples {
		data := written(t, sampled(name))
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(doc); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if !bytes.HasSuffix(data, []byte("\n}\n")) {
			t.Errorf("%s ends in %q", name, data[len(data)-5:])
		}
		strict := json.NewDecoder(bytes.NewReader(data))
		strict.DisallowUnknownFields()
		if err := strict.Decode(new(report.Report)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestSchemaIsStrict breaks a report in one place each time.
func TestSchemaIsStrict(t *testing.T) {
	s := compileSchema(t)
	type object = map[string]any
	first := func(o object, list string) object { return o[list].([]any)[0].(object) }
	tests := map[string]func(object){
		"another schema":           func(o object) { o["schema"] = "mailcheck/report/v2" },
		"an unknown field":         func(o object) { o["extra"] = 1 },
		"a field is missing":       func(o object) { delete(o, "verdict") },
		"the exit status of usage": func(o object) { o["exit_code"] = 2 },
		"a time of another form":   func(o object) { o["started"] = "yesterday" },
		"a check skips the run":    func(o object) { o["result"] = "skip" },
		"an unknown protocol":      func(o object) { first(o, "settings")["protocol"] = "jmap" },
		"a port out of range":      func(o object) { first(o, "settings")["port"] = 65536 },
		"no address may be told":   func(o object) { first(o, "contacted")["told"] = []any{"phone number"} },
		"null for a list":          func(o object) { first(o, "contacted")["told"] = nil },
		"a step without a check":   func(o object) { first(first(o, "checks"), "steps")["id"] = "connect" },
		"a failure without cause":  func(o object) { first(first(o, "checks"), "steps")["result"] = "fail" },
		"a field too many inside":  func(o object) { first(first(o, "checks"), "steps")["secret"] = "x" },
		"a cause in capitals":      func(o object) { o["verdict"].(object)["cause"] = "AUTH" },
		"a step without its cause": func(o object) { delete(o["verdict"].(object), "cause") },
	}
	for name, damage := range tests {
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(written(t, sampled("receive-not-send"))))
		if err != nil {
			t.Fatal(err)
		}
		damage(doc.(object))
		if s.Validate(doc) == nil {
			t.Errorf("%s: the schema lets it pass", name)
		}
	}
}

func TestJSONKeepsWhatIsHarmless(t *testing.T) {
	r := sampled("receive-not-send")
	r.Check("smtp").Step("auth").Reply.Text = "<a href=\"x\">no & \x1b[2J\xff</a>\n利用者"
	r.Contacted = append(r.Contacted, report.Contact{Host: "h", Purpose: "nothing"})
	r.Checks = append(r.Checks, &report.Check{ID: "probe"})
	got := string(written(t, r))
	for _, want := range []string{`"<a href=\"x\">no & \\x1b[2J\\xff</a>\n利用者"`, `"told": []`, `"result": "skip"`} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is not in\n%s", want, got)
		}
	}
	golden(t, "receive-not-send.json", written(t, sampled("receive-not-send")))
}

func TestSchemaIsACopy(t *testing.T) {
	Schema()[0] = 'x'
	if !json.Valid(Schema()) {
		t.Error("a caller can change the schema")
	}
}
