#!/bin/sh
# What takes too long for every change: drills in their long form, guards taken out, documents judged by integrators' tools, secrets looked for, every bench. Runs them all, then tells which failed. An hour and a half or so.
set -u
cd "$(dirname "$0")/.."

passed=0
failed=''
for script in test:drills drill:sockets test:guards test:integrators test:real sec:canary bench:startup bench:load bench:turns bench:documents bench:overhead bench:servers bench:scale bench:mcp bench:chat bench:mcpo bench:attacks bench:large-answers bench:cache bench:catalog bench:redis-faults bench:sockets bench:soak; do
  echo "== npm run $script"
  if npm run --silent "$script"; then passed=$((passed + 1)); else failed="$failed $script"; fi
done

for script in $failed; do echo "FAILED: npm run $script"; done
echo "$passed passed, $(echo "$failed" | wc -w) failed"
[ -z "$failed" ]
