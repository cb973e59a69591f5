#!/bin/sh
# enter.sh ROOT UID:GID WORKDIR NODE WRITABLE COMMAND ...: runs the command as a container would, in a mount namespace of its own (`unshare
# --mount`): ROOT is its root, read-only but for the folders of WRITABLE (separated by commas), without privileges.
set -eu
root=$1 user=$2 workdir=$3 node=$4 writable=$5
shift 5
read_only() { mount -o remount,bind,ro "$1"; }

mount --bind "$root" "$root"
for place in usr etc bin sbin lib lib64; do
  if [ -d "$root/$place" ] && [ ! -L "$root/$place" ]; then mount --bind "/$place" "$root/$place" && read_only "$root/$place"; fi
done
mount --bind "$node" "$root/node" && read_only "$root/node"
mount --rbind /proc "$root/proc"
for device in null zero random urandom; do mount --bind "/dev/$device" "$root/dev/$device"; done
for place in $(echo "$writable" | tr , ' '); do mount --bind "$root$place" "$root$place"; done
read_only "$root"
exec chroot "$root" env --chdir="$workdir" setpriv --reuid="${user%:*}" --regid="${user#*:}" --clear-groups \
  --no-new-privs --bounding-set=-all --inh-caps=-all -- "$@"
