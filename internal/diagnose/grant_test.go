package diagnose

import (
	"fmt"
	"testing"

	"mailcheck/internal/lang"
	"mailcheck/report"
)

// Each refusal of an authorization server has its cause: RFC 6749 sections
// 4.1.2.1 and 5.2, RFC 8628 section 3.5, and the numbers of Microsoft.
func TestGrantRefused(t *testing.T) {
	const host = "login.microsoftonline.com"
	for _, tt := range []struct {
		code, words string
		status      int
		cause       report.Cause
		temporary   bool
	}{
		{"invalid_grant", "Token has been expired or revoked.", 400, report.AuthTokenExpired, false},
		{"invalid_grant", "", 400, report.AuthTokenExpired, false},
		{"expired_token", "", 400, report.AuthTokenExpired, false},
		{"invalid_grant", "AADSTS700082: The refresh token has expired due to inactivity.", 400, report.AuthTokenExpired, false},
		{"invalid_grant", "AADSTS50173: The provided grant has expired due to it being revoked, a fresh auth token is needed.", 400, report.AuthTokenExpired, false},
		{"invalid_client", "", 401, report.OAuthAppNotAllowed, false},
		{"invalid_client", "AADSTS7000218: The request body must contain the following parameter: 'client_assertion' or 'client_secret'.", 401, report.OAuthAppNotAllowed, false},
		{"unauthorized_client", "AADSTS700016: Application with identifier 'x' was not found in the directory 'y'.", 400, report.OAuthAppNotAllowed, false},
		{"access_denied", "", 0, report.OAuthAppNotAllowed, false},
		{"invalid_scope", "AADSTS70011: The provided value for the input parameter 'scope' is not valid.", 400, report.OAuthAppNotAllowed, false},
		{"unsupported_grant_type", "", 400, report.OAuthAppNotAllowed, false},
		{"invalid_resource", "AADSTS500011: The resource principal named x was not found in the tenant", 400, report.OAuthAppNotAllowed, false},
		{"invalid_grant", "AADSTS65001: The user or administrator has not consented to use the application with ID '1'. (consent_required)", 400, report.OAuthAppNotAllowed, false},
		{"access_denied", "AADSTS90094: The grant requires administrator permission.", 0, report.OAuthAppNotAllowed, false},
		{"invalid_grant", "AADSTS53003: Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.", 400, report.AuthBlockedByPolicy, false},
		{"invalid_grant", "AADSTS50076: Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access 'x'. (basic_action)", 400, report.AuthWebLoginRequired, false},
		{"interaction_required", "", 400, report.AuthWebLoginRequired, false},
		{"invalid_grant", "AADSTS50057: The user account is disabled.", 400, report.AuthAccountLocked, false},
		{"temporarily_unavailable", "", 503, report.ServerTemporarilyUnavailable, true},
		{"", "", 502, report.ServerTemporarilyUnavailable, true},
		{"", "", 429, report.AuthRateLimited, true},
		{"", "", 404, report.Unknown, false},
	} {
		err := fmt.Errorf("refresh: %w", &report.GrantError{Host: host, Code: tt.code, Description: tt.words, Status: tt.status})
		step := &report.Step{ID: "creds.token", Step: "token", Result: report.Fail, Err: err}
		Step(&report.Check{ID: "creds"}, step, lang.English)
		if step.Cause != tt.cause || step.Temporary != tt.temporary || step.Explanation == "" || step.Detail == "" {
			t.Errorf("%s: %s (%d): %s, temporary %v, %q", tt.code, tt.words, tt.status, step.Cause, step.Temporary, step.Detail)
		}
	}
}
