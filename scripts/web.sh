#!/bin/sh
# Installs the page's packages and builds the page into server/mocast/web. Does nothing, quickly, when neither changed.
set -eu
cd "$(dirname "$0")/../web"

say() { echo "$1" >&2; exit 1; }
# Contents and names, not times: a checkout touches the one and not the other.
sources() { find . ../docs/openapi.yaml \( -name node_modules -o -name .vite -o -name dist -o -name build \) -prune -o -type f -exec cksum {} + | LC_ALL=C sort | cksum; }
packages=node_modules/.mocast-packages built=node_modules/.mocast-built
now=$(sources)
[ -f ../server/mocast/web/index.html ] && [ "$(cat $built 2>/dev/null || true)" = "$now" ] && exit 0

command -v node >/dev/null || say "Node.js is missing: install version 20.19 or later with npm (https://nodejs.org/en/download)."
old='const [major, minor] = process.versions.node.split(".").map(Number); process.exit(major < 20 || (major === 20 && minor < 19) ? 1 : 0)'
node -e "$old" || say "Node.js $(node --version) is too old: install version 20.19 or later (https://nodejs.org/en/download)."
command -v npm >/dev/null || say "npm is missing: install it beside Node.js (Debian, Ubuntu: apt-get install npm)."

lock=$(cat package.json package-lock.json | cksum)
if [ "$(cat $packages 2>/dev/null || true)" != "$lock" ]; then
  echo "Installing the page's packages into web/node_modules/"
  npm ci --no-audit --no-fund --loglevel=error
  echo "$lock" >$packages
fi
echo "Building the page into server/mocast/web/"
npm run --silent build
echo "$now" >$built
