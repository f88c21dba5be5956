package discover

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"mailcheck/report"
)

// Of those who want a document at the same time one asks. What a server says is
// kept, also when it has none; a search that ended, or a server that could not be
// reached, says nothing to the next.
func TestDocuments(t *testing.T) {
	for name, tt := range map[string]struct {
		err   error
		asked int
	}{
		"a document":   {nil, 1},
		"no document":  {&report.Fault{Cause: report.AutoconfigNotFound}, 1},
		"no server":    {&unreachableError{Host: "a", Err: errors.New("refused")}, 5},
		"out of time":  {&lateError{Host: "a", Err: context.DeadlineExceeded}, 5},
		"a cancelling": {context.Canceled, 5},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var d Documents
				asked := 0
				for range 5 {
					go func() {
						doc, err := d.get(t.Context(), "https://a/", func() (*document, error) {
							asked++
							time.Sleep(time.Second)
							if tt.err != nil {
								return nil, tt.err
							}
							return &document{body: []byte("x")}, nil
						})
						if !errors.Is(err, tt.err) || (doc == nil) != (err != nil) {
							t.Errorf("%v, %v", doc, err)
						}
					}()
				}
				time.Sleep(time.Minute)
				synctest.Wait()
				if asked != tt.asked {
					t.Errorf("asked %d times, want %d", asked, tt.asked)
				}
			})
		})
	}
}

// Who no longer wants a document does not wait for it.
func TestDocumentsWithoutPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d Documents
		slow := func() (*document, error) { time.Sleep(time.Hour); return &document{}, nil }
		go func() { _, _ = d.get(t.Context(), "https://a/", slow) }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := d.get(ctx, "https://a/", slow); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v", err)
		}
		time.Sleep(time.Hour)
	})
}

// What is kept has a bound.
func TestDocumentsAreForgotten(t *testing.T) {
	var d Documents
	for i := range 200 {
		_, err := d.get(t.Context(), fmt.Sprintf("https://%d/", i), func() (*document, error) {
			return &document{body: []byte(strings.Repeat("x", maxDocument))}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if d.size > maxShared+2*maxDocument || len(d.known) > maxShared/maxDocument+2 {
			t.Fatalf("%d bytes of %d documents", d.size, len(d.known))
		}
	}
}
