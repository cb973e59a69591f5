#!/bin/sh
# Installs the dependencies and builds dist/, each only when something it is made from is newer.
set -eu
cd "$(dirname "$0")/.."

if [ ! -f node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ] || [ package.json -nt node_modules/.package-lock.json ]; then
  echo 'Installing dependencies ...' >&2
  npm ci --include=dev --loglevel=error >&2
  touch node_modules/.package-lock.json
fi

if [ ! -f dist/.built ] || [ -n "$(find src apps libs package.json tsconfig.json tsconfig.build.json nest-cli.json -newer dist/.built -print -quit)" ]; then
  echo 'Building ...' >&2
  npm run --silent build >&2
  touch dist/.built
fi
