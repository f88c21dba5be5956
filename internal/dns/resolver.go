package dns

import (
	"context"
	"errors"
	"net"
)

// fromResolver asks net.Resolver, where no server is known. It keeps neither
// the TTL nor the response code.
func fromResolver[T any](ctx context.Context, r *net.Resolver, name string, t recordType[T]) (*Answer[T], error) {
	records, err := t.resolve(ctx, r, name+".")
	if len(records) > 0 { // with an error: some of them name no host
		a := &Answer[T]{TTL: TTLUnknown}
		a.Records, a.Ignored = settle(records, 0, t.order)
		return a, nil
	}
	if err == nil {
		return nil, &Error{Name: name, Type: t.name(), Kind: NoRecords}
	}
	e := failure(ctx, name, t.name(), "", err)
	if e.Kind == NXDomain && exists(ctx, r, name) {
		e.Kind = NoRecords
	}
	return nil, e
}

// exists tells a name that has no record of some type from one that, for all
// that net.Resolver shows, is not there at all: it has no address either.
func exists(ctx context.Context, r *net.Resolver, name string) bool {
	_, err := r.LookupNetIP(ctx, "ip", name+".")
	var e *net.DNSError
	return !errors.As(err, &e) || !e.IsNotFound
}
