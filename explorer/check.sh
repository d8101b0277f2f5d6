#!/bin/sh
# Tells whether dist/graphiql and dist/explorer are what graphiql/ and app/ build. A build that nobody can repeat cannot be
# reviewed: the embedded files are minified, so a change in them would pass unseen.
#
# Exit codes: 0 the same, 1 different or not buildable, 2 npm or node is missing.
set -eu

cd "$(dirname "$0")"

for program in npm node; do
	if ! command -v "$program" >/dev/null 2>&1; then
		echo "explorer/check.sh: $program is not installed, so explorer/dist was NOT checked." >&2
		echo "Install Node.js 20 or newer, which brings npm, and run it again." >&2
		exit 2
	fi
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# check SOURCES BUILT: the copy leaves an own node_modules alone, which may hold other versions.
check() {
	mkdir "$work/$1"
	cp -R "$1/package.json" "$1/package-lock.json" "$1/.npmrc" "$1/build.mjs" "$1/src" "$work/$1/"
	(cd "$work/$1" && npm ci --loglevel=error >&2 && node build.mjs "$work/built-$1")
	if ! diff -rq "dist/$2" "$work/built-$1"; then
		echo "explorer/check.sh: explorer/dist/$2 differs from what explorer/$1 builds." >&2
		echo "Run: cd explorer/$1 && npm ci && npm run build" >&2
		exit 1
	fi
	echo "explorer/dist/$2 is what explorer/$1 builds."
}

check graphiql graphiql
check app explorer
