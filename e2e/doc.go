// Package e2e holds the tests of the built program against real servers:
// Dovecot, Postfix, Knot DNS behind Unbound, an authorization server with
// Chromium as the user's browser, and GNOME Keyring on a D-Bus session of its
// own. It has tests alone; ./e2e/test.sh installs what they need and runs them
// with all others.
//
// How they work, and where to find it:
//
//  1. sandbox_test.go runs the test binary again as process 1 of its own
//     network, process and mount namespaces, so that every server has its
//     standard port, and none can outlive the tests.
//  2. site_test.go starts the mail domain lab.test there; dovecot_test.go,
//     postfix_test.go and dns_test.go hold one server each, testdata their
//     configurations, pki_test.go the certificates, account_test.go the users.
//  3. keyring_test.go starts keyrings, one a test.
//  4. servers_test.go proves that the servers are what the tests take them for.
//  5. program_test.go runs mailcheck and judges what every run must keep:
//     the form of its report, and no secret in any output, be it a password or
//     what a sign-in was given. The tests of the program stand on it:
//     job_test.go, discover_test.go, mechanisms_test.go, failures_test.go,
//     creds_test.go, secrets_test.go, mx_test.go; outputs_test.go reads what a CI
//     job and a Prometheus get of them, ci_test.go has systemd and promtool
//     judge the examples of docs/ci.
//  6. proxy_test.go is a man in the middle, between the program and a server;
//     mitm_test.go has it attack, slow down and cut what they say.
//  7. authserver_test.go starts the authorization server, whose tokens Dovecot
//     has it confirm; the directory authserver is its program, a module of its
//     own. browser_test.go walks through its pages; oauth_test.go signs in, in
//     each way, and does the job with what was kept.
package e2e
