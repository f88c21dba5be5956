#!/usr/bin/env bash
# All tests of mailcheck: formatting, linters, known vulnerabilities, then unit,
# lab and end-to-end tests with the race detector.
#
#     ./e2e/test.sh
#
# As root on Debian it installs what is missing; no server that comes with a
# package is started. Without root, what needs it is left out by name.
# With CI set nothing is ever left out: what is missing is a failure.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export PATH=$PATH:/usr/sbin:/sbin

# The tools, at the versions that judge this code.
staticcheck=honnef.co/go/tools/cmd/staticcheck@v0.7.0 # 2026.1
govulncheck=golang.org/x/vuln/cmd/govulncheck@v1.2.0

# What must be there, and the package that brings it.
needed=(
	"/usr/sbin/dovecot              dovecot-core"
	"/usr/lib/dovecot/imap          dovecot-imapd"
	"/usr/lib/dovecot/pop3          dovecot-pop3d"
	"/usr/lib/dovecot/lmtp          dovecot-lmtpd"
	"/usr/sbin/postfix              postfix"
	"/usr/sbin/knotd                knot"
	"/usr/sbin/unbound              unbound"
	"/usr/bin/dbus-daemon           dbus-daemon"
	"/usr/bin/gnome-keyring-daemon  gnome-keyring"
	"/usr/bin/secret-tool           libsecret-tools"
	"/usr/bin/chromium-headless-shell chromium-headless-shell"
	"/usr/sbin/nft                  nftables"
	"/usr/bin/ip                    iproute2"
	"/usr/bin/ps                    procps"
	"/usr/bin/xmllint               libxml2-utils"
	"/usr/bin/promtool              prometheus"
	"/usr/bin/prometheus-node-exporter  prometheus-node-exporter"
	"/usr/bin/systemd-analyze      systemd"
	"/usr/bin/groff                groff-base"
)
# The race detector is linked by a C compiler.
command -v "$(go env CC)" >/dev/null || needed+=("/usr/bin/gcc gcc" "/usr/include/stdlib.h libc6-dev")

root=$([ "$(id -u)" = 0 ] && echo yes || echo no)
failed=()
scratch=$(mktemp -d)
chmod 755 "$scratch" # the servers of the tests give up root and work below it
policy= # the file that we put in place to keep packages from starting servers

cleanup() {
	rm -rf "$scratch"
	[ -z "$policy" ] || rm -f "$policy"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

heading() { printf '\n== %s\n' "$*"; }

# fail notes a failure and goes on: every check is made.
fail() {
	printf 'FAILED: %s\n' "$*"
	failed+=("$*")
}

# lacking prints the packages of what is missing.
lacking() {
	local path package
	for line in "${needed[@]}"; do
		read -r path package <<<"$line"
		[ -e "$path" ] || printf '%s\n' "$package"
	done
}

install_packages() {
	export DEBIAN_FRONTEND=noninteractive
	# Status 101 of this file keeps a package from starting its server.
	if [ ! -e /usr/sbin/policy-rc.d ]; then
		policy=/usr/sbin/policy-rc.d
		printf '#!/bin/sh\nexit 101\n' >"$policy"
		chmod 755 "$policy"
	fi
	if [[ " $* " == *" postfix "* ]]; then
		# It is to ask nothing, and to leave this machine's mail alone.
		echo 'postfix postfix/main_mailer_type select No configuration' | debconf-set-selections
	fi
	local quiet=(-qq -o Dpkg::Use-Pty=0)
	apt-get update "${quiet[@]}"
	apt-get install "${quiet[@]}" -y --no-install-recommends "$@"
}

# tool PACKAGE@VERSION: installs a Go tool into the scratch directory.
tool() { GOBIN=$scratch go install "$1"; }

# left prints the processes that know the scratch directory, which every
# server of the tests does, by its command line or its environment.
left() {
	local files=(/proc/[0-9]*/cmdline /proc/[0-9]*/environ) pid
	# Some have ended meanwhile, which grep and ps take for an error.
	{ grep -laF --file=- "${files[@]}" 2>/dev/null <<<"$scratch" || true; } |
		while IFS=/ read -r _ _ pid _; do ps -o pid=,args= -p "$pid" || true; done | sort -u
}

heading "what the tests need"
e2e=yes
mapfile -t packages < <(lacking)
if [ ${#packages[@]} -eq 0 ]; then
	echo "all there"
elif [ "$root" = no ]; then
	echo "missing, and only root can install it: ${packages[*]}"
elif ! command -v apt-get >/dev/null; then
	echo "missing, and there is no apt-get: ${packages[*]}"
else
	echo "installing: ${packages[*]}"
	install_packages "${packages[@]}" || fail "installing ${packages[*]}"
	mapfile -t packages < <(lacking)
fi
race=(-race)
if ! command -v "$(go env CC)" >/dev/null; then
	race=()
	echo "left out: the race detector, for want of a C compiler"
fi
if [ "$root" = no ] || [ ${#packages[@]} -gt 0 ]; then
	e2e=no
	echo "left out, for want of root or of packages:"
	env -u CI -u MAILCHECK_E2E go test -list . ./e2e | sed -n 's/^Test/  e2e: Test/p'
fi
if [ -n "${CI:-}" ] && { [ $e2e = no ] || [ ${#race[@]} -eq 0 ]; }; then
	fail "in CI nothing may be left out"
fi

heading "gofmt"
unformatted=$(gofmt -l .)
if [ -n "$unformatted" ]; then
	echo "$unformatted"
	fail "gofmt"
fi

heading "go vet"
{ go vet ./... && go -C e2e/authserver vet ./... && go -C release vet ./...; } || fail "go vet"

heading "staticcheck"
{ tool "$staticcheck" && "$scratch/staticcheck" ./... &&
	(cd e2e/authserver && "$scratch/staticcheck" ./...) && (cd release && "$scratch/staticcheck" ./...); } || fail "staticcheck"

heading "govulncheck"
if ! tool "$govulncheck"; then
	fail "govulncheck"
elif ! "$scratch/govulncheck" ./... >"$scratch/vulnerabilities" 2>&1; then
	cat "$scratch/vulnerabilities"
	if grep -q '^govulncheck: fetching vulnerabilities:' "$scratch/vulnerabilities"; then
		echo "left out: the database of vulnerabilities cannot be reached from here"
	else
		fail "govulncheck"
	fi
fi

heading "go test"
# Never from the cache: the program and the servers are no inputs that it knows.
# What computes for long and starts no goroutine runs without the race detector, with
# which it takes twenty times as long.
alone='^(TestSieves|TestFormAtEveryProvider)$'
tests=(go test "${race[@]}" -skip "$alone" -count=1 -timeout 20m ./...)
go test -run "$alone" -count=1 ./internal/diagnose || fail "go test ./internal/diagnose"
if [ $e2e = yes ]; then
	TMPDIR=$scratch MAILCHECK_E2E=1 "${tests[@]}" || fail "go test"
else
	TMPDIR=$scratch env -u CI "${tests[@]}" || fail "go test"
fi

heading "release"
# What surrounds the program; to build it for every system takes minutes.
TMPDIR=$scratch go -C release test -count=1 . || fail "the release"

heading "fuzzing"
# Every target for a few seconds: enough for a fault that is near the seeds, and
# for a target that does not even begin. That every parser has one is a test of
# its own (TestParsersAreFuzzed).
fuzz_time=3    # seconds for a target
fuzz_limit=90  # seconds for all, building left out
targets=()     # each: directory, program, name
mkdir "$scratch/fuzz"
while read -r directory; do
	program=$scratch/fuzz/${directory//\//_}
	if ! go test -c -fuzz . -o "$program" "./$directory"; then
		fail "building the fuzz targets of $directory"
		continue
	fi
	while read -r target; do
		targets+=("$directory $program $target")
	done < <(cd "$directory" && "$program" -test.list '^Fuzz')
done < <(grep -rl --include='*_test.go' '^func Fuzz' . | xargs -n1 dirname | sed 's|^\./||' | sort -u)
each=$((1000 * fuzz_limit / (${#targets[@]} + 1))) # milliseconds
[ $each -lt $((1000 * fuzz_time)) ] || each=$((1000 * fuzz_time))
fuzz() { # directory, program, target
	(cd "$1" && TMPDIR=$scratch "$2" -test.run '^$' -test.fuzz "^$3\$" -test.fuzztime "${each}ms" \
		-test.fuzzcachedir "$scratch/fuzz/cache/$1") >"$scratch/fuzz/output" 2>&1
}
# ended_late tells a run that found nothing and was not done when its time was
# up, which package testing now and then takes for a failure. A target that
# hangs ends so each time.
ended_late() { grep -q 'context deadline exceeded' "$scratch/fuzz/output" && ! grep -q 'Failing input' "$scratch/fuzz/output"; }
for line in "${targets[@]}"; do
	read -r directory program target <<<"$line"
	fuzz "$directory" "$program" "$target" || { ended_late && fuzz "$directory" "$program" "$target"; } || {
		cat "$scratch/fuzz/output"
		fail "$directory: $target"
	}
done
echo "${#targets[@]} targets, ${each} ms each"
[ ${#targets[@]} -gt 0 ] || fail "there is no fuzz target"

heading "left running"
running=$(left)
if [ -n "$running" ]; then
	echo "$running"
	fail "processes are left running"
else
	echo "nothing"
fi

heading "result"
if [ ${#failed[@]} -gt 0 ]; then
	printf 'failed: %s\n' "${failed[@]}"
	exit 1
fi
echo "all passed"
