package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// parsers are the functions that read what somebody outside has written, and
// the fuzz target of each. A new one has its line here.
var parsers = map[string]map[string]string{ // package → function → target
	"imap": {
		"readResponse": "FuzzNegotiation", "scan": "FuzzGuard", "parseReply": "FuzzNegotiation",
		"parseCapabilities": "FuzzNegotiation", "parseCommand": "FuzzGuard", "next": "FuzzGuard", "Login": "FuzzNegotiation",
	},
	"pop": {
		"read": "FuzzMailbox", "parse": "FuzzMailbox", "parseUIDL": "FuzzMailbox", "next": "FuzzMailbox",
		"timestamp": "FuzzNegotiation", "list": "FuzzNegotiation", "Login": "FuzzNegotiation",
	},
	"smtp": {
		"read": "FuzzReply", "readReply": "FuzzReply", "parseLine": "FuzzReply", "cutEnhanced": "FuzzReply",
		"ehlo": "FuzzNegotiation", "Login": "FuzzNegotiation",
	},
	"internal/sasl": {"Authenticate": "FuzzServer", "Next": "FuzzSCRAMFirst", "newSCRAMNonce": "FuzzSCRAMFirst"},
	"internal/dns":  {"read": "FuzzAnswer", "hostName": "FuzzAnswer", "mxRecords": "FuzzAnswer", "srvRecords": "FuzzAnswer", "txtRecords": "FuzzAnswer", "cnameRecords": "FuzzAnswer", "addressRecords": "FuzzAnswer", "ptrRecords": "FuzzAnswer", "tlsaRecords": "FuzzAnswer"},
	"internal/discover": {
		"parseClientConfig": "FuzzParseClientConfig", "decodeXML": "FuzzParseClientConfig",
		"parsePACC": "FuzzPACC", "paccDigests": "FuzzPACC",
		"parseAutodiscover": "FuzzAutodiscover", "documentSign": "FuzzAutodiscover",
		"loginSchemes": "FuzzHeaders", "redirectSign": "FuzzHeaders",
		"issuerOf": "FuzzPACC",
	},
	"internal/oauth": {
		"parseMetadata": "FuzzMetadata", "ParseSignIn": "FuzzSignIn", "readRedirect": "FuzzRedirect",
		"parseReason": "FuzzAnswer", "parseRefusal": "FuzzAnswer", "parseDevice": "FuzzAnswer", "failure": "FuzzAnswer", "deviceFlaw": "FuzzAnswer", "lasting": "FuzzAnswer",
		"parseIDToken": "FuzzIDToken", "signedInAs": "FuzzIDToken", "audience": "FuzzIDToken", "Other": "FuzzIDToken",
	},
	"internal/policy": {
		"SPF": "FuzzRecords", "DMARC": "FuzzRecords", "readDMARC": "FuzzRecords", "TLSRPT": "FuzzRecords", "parseTLSRPT": "FuzzRecords",
		"STSRecord": "FuzzRecords", "ParseSTS": "FuzzSTS", "Covers": "FuzzSTS",
		"DKIM": "FuzzDKIM", "signatures": "FuzzDKIM", "readSignature": "FuzzDKIM",
	},
	"internal/testmsg": {
		"ReadHeader": "FuzzReadHeader", "readFields": "FuzzReadHeader", "readHops": "FuzzReadHeader", "readHop": "FuzzReadHeader",
		"readDate": "FuzzReadHeader", "readAuthentication": "FuzzReadHeader", "readResults": "FuzzReadHeader", "readResult": "FuzzReadHeader",
		"Matches": "FuzzReadHeader",
	},
	"internal/diagnose": {"Explain": "FuzzExplain", "decoded": "FuzzExplain", "decode": "FuzzExplain"},
	"internal/provider": {"Find": "FuzzMatching", "ByMX": "FuzzMatching"},
	"internal/render":   {"Clean": "FuzzClean", "wrap": "FuzzWrap"},
	"creds":             {"ParseAddress": "FuzzParseAddress", "Scrub": "FuzzScrub", "ScrubAll": "FuzzScrubAll", "solve": "FuzzScrubAll", "parseHead": "FuzzParts"},
	"internal/config":   {"Parse": "FuzzParse", "valuesOf": "FuzzParse", "encodingFlaw": "FuzzParse", "NewTable": "FuzzTable", "Next": "FuzzTable"},
}

// notForeign are functions whose names sound like those of parsers.
var notForeign = map[string]string{
	"creds.readSecret":                   "of the user, taken as it is",
	"internal/diagnose.ParseExpectation": "a flag of the user",
	"internal/diagnose.readAlong":        "reads a report",
	"internal/discover.readBody":         "takes bytes, bounded",
	"internal/render.readAs":             "of an answer",
	"internal/dns.readResolvConf":        "a file of the system",
	"internal/provider.read":             "embedded in the program",
	"internal/oauth.readBounded":         "takes bytes, bounded",
	"imap.Read":                          "takes bytes, by way of next",
	"pop.Read":                           "takes bytes, by way of next",
	"internal/config.Read":               "takes bytes, by way of Parse",
}

// parserNames are how functions are called that read what others have written.
var parserNames = regexp.MustCompile(`^(?:[pP]arse|[rR]ead|[dD]ecode|[sS]can|[uU]nmarshal)(?:[A-Zd]|$)`)

// Every parser of foreign bytes has a fuzz target that reaches it.
func TestParsersAreFuzzed(t *testing.T) {
	for pkg, targets := range parsers {
		uses, functions, tables := namesIn(t, filepath.Join("..", "..", filepath.FromSlash(pkg)))
		for function, target := range targets {
			if !slices.Contains(functions, function) && !slices.Contains(tables, function) {
				t.Errorf("%s has no %s any more", pkg, function)
			}
			if !reaches(uses, target, function) {
				t.Errorf("%s.%s is not reached by %s", pkg, function, target)
			}
		}
		for _, name := range functions {
			_, listed := targets[name]
			if parserNames.MatchString(name) && !listed && notForeign[pkg+"."+name] == "" {
				t.Errorf("%s.%s sounds like a parser; which is its fuzz target?", pkg, name)
			}
		}
	}
}

// namesIn returns the names that each function and table of a package uses, by
// its own name (methods of one name together), and the names of the functions
// and of the tables outside of tests.
func namesIn(t *testing.T, dir string) (uses map[string][]string, functions, tables []string) {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	uses = map[string][]string{}
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, f.Name()), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			var names []string
			switch d := d.(type) {
			case *ast.FuncDecl:
				names = []string{d.Name.Name}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					if v, ok := spec.(*ast.ValueSpec); ok {
						for _, n := range v.Names {
							names = append(names, n.Name)
						}
					}
				}
			}
			for _, name := range names {
				ast.Inspect(d, func(n ast.Node) bool {
					if id, ok := n.(*ast.Ident); ok {
						uses[name] = append(uses[name], id.Name)
					}
					return true
				})
				_, isFunction := d.(*ast.FuncDecl)
				switch {
				case strings.HasSuffix(f.Name(), "_test.go"):
				case isFunction:
					functions = append(functions, name)
				default:
					tables = append(tables, name)
				}
			}
		}
	}
	return uses, functions, tables
}

// reaches tells whether from leads to name, by the names that are used.
func reaches(uses map[string][]string, from, name string) bool {
	seen := map[string]bool{from: true}
	for queue := []string{from}; len(queue) > 0; queue = queue[1:] {
		for _, used := range uses[queue[0]] {
			if !seen[used] {
				seen[used] = true
				queue = append(queue, used)
			}
		}
	}
	return len(uses[from]) > 0 && seen[name]
}
