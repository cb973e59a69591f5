#!/bin/sh
# Everything about the code that needs no run of it: format, lint, types, import directions, documents, guards, requirements.
set -eu
cd "$(dirname "$0")/.."
run() {
  echo "== $1" >&2
  shift
  "$@"
}
run format prettier --check --log-level warn .
run lint eslint --max-warnings 0 .
run types tsc -p tsconfig.json
run 'import directions' depcruise src libs apps --config .dependency-cruiser.cjs
run 'configuration docs' node tools/configuration-docs.ts
run 'stack card' node tools/check-card.ts
run guards sh tools/check-guards.sh
run requirements node tools/check-requirements.ts
