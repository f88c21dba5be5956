package discover

import (
	"context"
	"errors"
	"sync"

	"mailcheck/report"
)

// maxShared bounds the documents that are kept, in bytes; with it everything is
// forgotten. A batch has far fewer domains at a time than fit.
const maxShared = 4 << 20

// entrySize is what an answer takes beside its body, in bytes, roughly.
const entrySize = 512

// Documents are what the searches of many accounts have fetched, so that the web
// servers of a domain are asked once and not once an account. Only what was asked
// for the domain is kept: a document that was asked for an address may be that
// address's own. The zero value is empty.
type Documents struct {
	mu    sync.Mutex
	known map[string]*shared // by URL
	size  int
}

// shared is an answer, or one that is on its way.
type shared struct {
	done  chan struct{} // closed when it is there
	doc   *document
	err   error
	final bool // the server said so itself
}

// get returns the answer of a URL, by way of fetch where it is not known. Of
// those who want it at the same time one asks; when that comes to nothing, a
// server that could not be reached or a search that ended, the next one does.
func (d *Documents) get(ctx context.Context, url string, fetch func() (*document, error)) (*document, error) {
	for {
		d.mu.Lock()
		s := d.known[url]
		if s == nil {
			s = &shared{done: make(chan struct{})}
			if d.known == nil || d.size > maxShared {
				d.known, d.size = map[string]*shared{}, 0
			}
			d.known[url] = s
			d.size += entrySize + len(url)
			d.mu.Unlock()
			return d.ask(url, s, fetch)
		}
		d.mu.Unlock()
		select {
		case <-s.done:
			if s.final {
				return s.doc, s.err
			}
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// ask asks for a document, and keeps what a server said.
func (d *Documents) ask(url string, s *shared, fetch func() (*document, error)) (*document, error) {
	defer func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		switch {
		case s.final && s.doc != nil:
			d.size += len(s.doc.body)
		case !s.final && d.known[url] == s:
			delete(d.known, url)
			d.size -= entrySize + len(url)
		}
		close(s.done)
	}()
	doc, err := fetch()
	var said *report.Fault // by which an answer without a document is told
	s.doc, s.err, s.final = doc, err, err == nil || errors.As(err, &said)
	return doc, err
}
