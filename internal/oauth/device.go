package oauth

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"mailcheck/creds"
	"mailcheck/report"
)

// DeviceCode is what the user is shown: where to go, and what to type there.
type DeviceCode struct {
	URL  string // the verification URI
	Code string
}

// firstInterval is how long to wait between two questions where the server
// does not say (RFC 8628 section 3.2).
const firstInterval = 5

// Device signs in with a code that the user types in on any device (RFC 8628).
// It calls show once and waits until ctx ends.
func (c *Client) Device(ctx context.Context, s Server, app App, show func(DeviceCode)) (SignIn, error) {
	if s.Device == "" {
		return SignIn{}, ErrNoEndpoint
	}
	config := s.config(app)
	device, err := c.deviceCode(ctx, config)
	if err != nil {
		return SignIn{}, ended(ctx, failure(err, hostOf(s.Device), app.Secret))
	}
	if flaw := deviceFlaw(device); flaw != "" {
		return SignIn{}, &report.ProtocolError{Command: "device", Problem: hostOf(s.Device) + " " + flaw}
	}
	show(DeviceCode{URL: device.VerificationURI, Code: device.UserCode})
	token, err := c.poll(ctx, config, device)
	if err != nil {
		err = ended(ctx, failure(err, s.Host(), creds.NewSecret(device.DeviceCode), app.Secret))
		return SignIn{}, err
	}
	return s.lasting(app, token, creds.NewSecret(device.DeviceCode))
}

// deviceCode asks for a code (RFC 8628 section 3.1). oauth2's own DeviceAuth
// (v0.38.0) panics at an answer of null, does not end with its context, and
// sends no client's secret.
func (c *Client) deviceCode(ctx context.Context, config *oauth2.Config) (*oauth2.DeviceAuthResponse, error) {
	form := url.Values{"client_id": {config.ClientID}}
	if len(config.Scopes) > 0 {
		form.Set("scope", strings.Join(config.Scopes, " "))
	}
	inHeader := config.Endpoint.AuthStyle == oauth2.AuthStyleInHeader
	if config.ClientSecret != "" && !inHeader {
		form.Set("client_secret", config.ClientSecret)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, config.Endpoint.DeviceAuthURL, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	if inHeader { // RFC 6749 section 2.3.1: both encoded
		req.SetBasicAuth(url.QueryEscape(config.ClientID), url.QueryEscape(config.ClientSecret))
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	asked := time.Now()
	res, err := c.http().Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	text, err := readBounded(res.Body)
	if err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusOK {
		refused := &oauth2.RetrieveError{Response: res, Body: text}
		refused.ErrorCode, refused.ErrorDescription = parseRefusal(text)
		return nil, refused
	}
	return parseDevice(text, asked)
}

// parseDevice reads the answer to a question for a code (RFC 8628 section 3.2).
// The code's time runs from when it was asked for.
func parseDevice(text []byte, asked time.Time) (*oauth2.DeviceAuthResponse, error) {
	var d struct {
		DeviceCode string `json:"device_code"`
		UserCode   string `json:"user_code"`
		URI        string `json:"verification_uri"`
		URL        string `json:"verification_url"` // Google's name for it
		ExpiresIn  int64  `json:"expires_in"`
		Interval   int64  `json:"interval"`
	}
	if err := json.Unmarshal(text, &d); err != nil {
		return nil, err
	}
	device := &oauth2.DeviceAuthResponse{DeviceCode: d.DeviceCode, UserCode: d.UserCode,
		VerificationURI: cmp.Or(d.URI, d.URL), Interval: min(d.Interval, maxSeconds)}
	if d.ExpiresIn > 0 {
		device.Expiry = asked.Add(time.Duration(min(d.ExpiresIn, maxSeconds)) * time.Second)
	}
	return device, nil
}

// maxSeconds bounds the times that a server names: a day, longer than anybody
// waits.
const maxSeconds = 24 * 60 * 60

// poll asks until the user has signed in. A server that gives no answer in time
// is asked half as often from then on (RFC 8628 section 3.5).
func (c *Client) poll(ctx context.Context, config *oauth2.Config, device *oauth2.DeviceAuthResponse) (*oauth2.Token, error) {
	for {
		token, err := config.DeviceAccessToken(c.within(ctx), device)
		var silent net.Error
		switch {
		case err == nil:
			return token, nil
		case ctx.Err() != nil:
			return nil, err
		case errors.Is(err, context.DeadlineExceeded) && !device.Expiry.IsZero() && !time.Now().Before(device.Expiry):
			return nil, &oauth2.RetrieveError{ErrorCode: "expired_token", ErrorDescription: "the code was not used in time"}
		case errors.As(err, &silent) && silent.Timeout():
			device.Interval = 2 * max(device.Interval, firstInterval)
		default:
			return nil, err
		}
	}
}

// deviceFlaw says what is wrong with an answer that the user is to act on.
func deviceFlaw(d *oauth2.DeviceAuthResponse) string {
	switch {
	case d.DeviceCode == "" || d.UserCode == "":
		return "gave no code"
	case len(d.UserCode) > maxUserCode || strings.ContainsFunc(d.UserCode, func(r rune) bool { return r < ' ' || r > '~' }):
		return "gave a code that nobody can type"
	case checkURL(d.VerificationURI) != nil:
		return "gave no https page for the code"
	}
	return ""
}

// maxUserCode bounds what a person is asked to type (RFC 8628 section 6.1
// advises 8 letters).
const maxUserCode = 40
