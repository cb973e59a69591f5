#!/bin/sh
# The patches of test/guards, each of which takes one protection away, fit the code as it is: `npm run test:guards` needs them to.
set -eu
cd "$(dirname "$0")/.."
broken=0
for patch in test/guards/*.patch; do
  git apply --check "$patch" || broken=1
done
if [ "$broken" = 1 ]; then
  echo 'Make these patches anew from the code that they are about.' >&2
  exit 1
fi
