#!/bin/sh
# Tells whether dist/graphiql is what graphiql/ builds. A build that nobody can repeat cannot be reviewed: the
# embedded files are minified, so a change in them would pass unseen.
#
# Exit codes: 0 the same, 1 different or not buildable, 2 npm or node is missing.
set -eu

cd "$(dirname "$0")"

for program in npm node; do
	if ! command -v "$program" >/dev/null 2>&1; then
		echo "explorer/check.sh: $program is not installed, so explorer/dist/graphiql was NOT checked." >&2
		echo "Install Node.js 20 or newer, which brings npm, and run it again." >&2
		exit 2
	fi
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# The copy leaves an own node_modules alone, which may hold other versions.
mkdir "$work/graphiql"
cp -R graphiql/package.json graphiql/package-lock.json graphiql/.npmrc graphiql/build.mjs graphiql/src "$work/graphiql/"

(cd "$work/graphiql" && npm ci --loglevel=error >&2 && node build.mjs "$work/built")

if ! diff -rq dist/graphiql "$work/built"; then
	echo "explorer/check.sh: explorer/dist/graphiql differs from what explorer/graphiql builds." >&2
	echo "Run: cd explorer/graphiql && npm ci && npm run build" >&2
	exit 1
fi
echo "explorer/dist/graphiql is what explorer/graphiql builds."
