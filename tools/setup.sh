#!/bin/sh
# Installs the dependencies and builds dist/, each only when something it is made from has changed.
set -eu
cd "$(dirname "$0")/.."

locked=$(cksum <package-lock.json)
if [ "$(cat node_modules/.installed-lock 2>/dev/null)" != "$locked" ]; then
  echo 'Installing dependencies ...' >&2
  npm ci --include=dev --loglevel=error >&2
  printf '%s' "$locked" >node_modules/.installed-lock
fi

if [ ! -f dist/.built ] || [ -n "$(find src apps libs tools/bundle package.json package-lock.json tsconfig.json tsconfig.build.json nest-cli.json -newer dist/.built -not -path '*/dist*' -print -quit)" ]; then
  echo 'Building ...' >&2
  npm run --silent build >&2
  touch dist/.built
fi
