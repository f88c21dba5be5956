package render

import (
	_ "embed"
	"encoding/json"
	"io"
	"slices"

	"mailcheck/report"
)

//go:embed schema.json
var schema []byte

// Schema is the JSON Schema (draft 2020-12) of what [JSON] writes.
func Schema() []byte { return slices.Clone(schema) }

// JSON writes the report as JSON, its strings cleaned. Options change nothing.
func JSON(w io.Writer, r *report.Report, _ Options) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false) // "&" and "<" stay as the server wrote them
	enc.SetIndent("", "  ")
	return enc.Encode(cleaned(r))
}
