package discover

import (
	"context"
	"errors"
	"fmt"
	"net/url"
)

var errMoved = errors.New("a redirect where none is followed")

// FetchUnmoved fetches a document of at most limit bytes from just where it is
// said to be: a redirect is no document (RFC 8461 section 3.3 forbids them for
// policies). The URL tells no more than a domain.
func (q Query) FetchUnmoved(ctx context.Context, address string, limit int) (body []byte, contentType string, err error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, "", err
	}
	f := &fetch{query: q, told: "domain", limit: limit}
	doc, location, err := f.hop(ctx, u)
	switch {
	case ctx.Err() != nil:
		return nil, "", &lateError{Host: u.Hostname(), Err: ctx.Err()}
	case err != nil:
		return nil, "", err
	case doc == nil:
		return nil, "", fmt.Errorf("%s: %w: to %.200q", u.Hostname(), errMoved, location)
	}
	return doc.body, doc.contentType, nil
}
