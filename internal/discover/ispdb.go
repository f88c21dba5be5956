package discover

import (
	"context"
	"errors"
	"net/http"
)

// ispdb is the database that Thunderbird's makers keep, by domain.
const ispdb = "https://autoconfig.thunderbird.net/v1.1/"

// askISPDB asks the ISPDB for the address's own domain, and vouches for the
// hosts that it names. It is told the domain alone.
func askISPDB(ctx context.Context, q Query) (answer, error) {
	if q.HTTP.Offline {
		return answer{byFlags: true, detail: "no document is fetched (--offline)"}, nil
	}
	a, err := clientConfig(ctx, q, ispdb+q.Account.Domain, "domain")
	var status *statusError
	if errors.As(err, &status) && status.Code == http.StatusNotFound {
		return answer{detail: "the ISPDB does not know " + q.Account.Domain}, nil
	}
	if err != nil {
		return answer{}, err
	}
	return a.vouched(), nil
}
