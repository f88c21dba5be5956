package verify_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// lastCase is the number of the last hostile case.
const lastCase = 78

// elsewhere are the cases, and the parts of cases, that are no whole run
// against one server: what covers them, by directory and function.
var elsewhere = []struct {
	number int
	words  string
	tests  []string
}{
	{41, "escape sequences and bidirectional marks in any text", []string{"internal/render TestNothingHarmfulIsWritten", "internal/render FuzzClean"}},
	{42, "markup in any text", []string{"internal/render TestNothingHarmfulIsWritten"}},
	{43, "command lines of CI systems in any text", []string{"internal/render TestNothingHarmfulIsWritten"}},
	{44, "the secret, echoed", []string{"cmd/mailcheck TestEchoedSecretIsNotPrinted", "creds TestScrub", "creds TestScrubInsideBase64"}},
	{57, "DNS that changes its mind", []string{"internal/discover TestGetResolvesOnce"}},
	{58, "aliases in a circle", []string{"internal/dns TestFailures", "internal/dns TestManyRecords"}},
	{63, "proxies of the environment", []string{"internal/discover TestGetSaysNothingElse"}},
	{65, "a forged copy of the message", []string{"imap TestRemovalOfWhatIsNotOurs", "verify TestForgedMessage", "internal/testmsg TestTokens", "internal/testmsg TestMatches"}},
	{66, "UIDVALIDITY changes", []string{"imap TestAwaitAfterUIDValidityChanged", "verify TestRenumbered", "imap TestRemovalDialogues"}},
	{67, "no UIDPLUS", []string{"imap TestRemovalWithoutUIDPlus"}},
	{68, "POP3 numbers are used again", []string{"pop TestDialogues"}},
	{69, "FETCH answers another UID", []string{"imap TestFetchAnswers"}},
	{70, "delivered twice, late, to junk, never", []string{"verify TestFaults", "imap TestJunkIsLookedAt"}},
	{72, "runs side by side", []string{"verify TestTwoRuns"}},
	{73, "keyring that does not answer", []string{"creds TestSilentBus"}},
	{74, "no keyring", []string{"creds TestNoBus"}},
	{75, "two items of the keyring match", []string{"creds TestSystemKeyringTroubles"}},
	{76, "interrupted in the middle", []string{"verify TestInterrupt", "cmd/mailcheck TestSignals"}},
	{77, "targets chosen from outside", []string{"verify TestNobodyIsServed"}},
	{78, "the password in arguments, environment, transcripts", []string{"creds TestFindRemovesPasswordFromTheEnvironment", "creds TestSecretIsNeverPrinted", "cmd/mailcheck TestCanary"}},
}

// TestEveryCaseIsTested demands that each hostile case is in a table of the
// security tests, by the number in its name, or elsewhere, in a test that is
// there.
func TestEveryCaseIsTested(t *testing.T) {
	covered := map[int]bool{}
	files, err := filepath.Glob("security_*_test.go")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	numbered := regexp.MustCompile(`^"case (\d\d) `)
	for _, file := range files {
		ast.Inspect(parse(t, file), func(n ast.Node) bool {
			if text, ok := n.(*ast.BasicLit); ok {
				if m := numbered.FindStringSubmatch(text.Value); m != nil {
					number, _ := strconv.Atoi(m[1])
					covered[number] = true
				}
			}
			return true
		})
	}
	for _, e := range elsewhere {
		covered[e.number] = true
		for _, test := range e.tests {
			dir, name, _ := strings.Cut(test, " ")
			if !slices.Contains(functions(t, filepath.Join("..", dir)), name) {
				t.Errorf("case %02d, %s: there is no %s in %s", e.number, e.words, name, dir)
			}
		}
	}
	for number := range covered {
		if number < 1 || number > lastCase {
			t.Errorf("there is no case %02d", number)
		}
	}
	for number := 1; number <= lastCase; number++ {
		if !covered[number] {
			t.Errorf("case %02d is tested nowhere", number)
		}
	}
}

// functions are the names of the functions in the tests of a directory.
func functions(t *testing.T, dir string) (names []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil || len(files) == 0 {
		t.Errorf("no tests in %s: %v", dir, err)
	}
	for _, file := range files {
		for _, d := range parse(t, file).Decls {
			if f, ok := d.(*ast.FuncDecl); ok {
				names = append(names, f.Name.Name)
			}
		}
	}
	return names
}

func parse(t *testing.T, file string) *ast.File {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestNobodyIsServed: case 77. Nothing in the program takes connections, but
// for the servers of the lab and the port to which a browser brings the answer
// of a sign-in (RFC 8252 section 7.3), which listen on loopback alone: so nobody
// from outside can name a target. The end-to-end tests are no part of it.
func TestNobodyIsServed(t *testing.T) {
	listens := []string{"Listen", "ListenConfig", "ListenPacket", "ListenTCP", "ListenUDP", "ListenUnix", "ListenAndServe", "ListenAndServeTLS"}
	files := 0
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && slices.Contains([]string{"lab", "e2e", "testdata"}, entry.Name()):
			return fs.SkipDir
		case entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		files++
		ast.Inspect(parse(t, path), func(n ast.Node) bool {
			if onLoopback(n) {
				return false
			}
			if s, ok := n.(*ast.SelectorExpr); ok && slices.Contains(listens, s.Sel.Name) {
				t.Errorf("%s: %s takes connections", path, fmt.Sprint(s.X, ".", s.Sel))
			}
			return true
		})
		return nil
	})
	if err != nil || files < 100 {
		t.Errorf("%d files were read: %v", files, err)
	}
}

// onLoopback tells a call that takes connections on the loopback address.
func onLoopback(n ast.Node) bool {
	call, ok := n.(*ast.CallExpr)
	if !ok || len(call.Args) != 2 {
		return false
	}
	at, ok := call.Args[1].(*ast.BasicLit)
	return ok && at.Value == `"127.0.0.1:0"`
}
