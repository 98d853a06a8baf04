#!/bin/sh
# Starts containerd and kubelet, as process 1 of namespaces of their own:
#
#   unshare --mount --propagation private --pid --fork --kill-child sh start-node.sh FOLDER CGROUP BIN IMAGE KUBELET ARGUMENTS...
#
# FOLDER has containerd.toml; its files, mounts and processes are all that is made, but for control
# groups named CGROUP, which whoever starts this removes.
set -eu
folder=$1 cgroup=$2 bin=$3 image=$4
shift 4

mount -t proc proc /proc

# What these programs write at fixed places stays in the namespace.
for place in /run /var/lib/kubelet /var/log/containers; do
  mkdir -p "$place"
  mount -t tmpfs tmpfs "$place"
done

# The kubelet insists on these settings. It finds them here instead of changing the machine's.
setting() {
  [ -e "$1" ] || return 0
  fake="$folder/settings/$(echo "$1" | tr / _)"
  echo "$2" >"$fake"
  mount --bind "$fake" "$1"
}
mkdir -p "$folder/settings"
setting /proc/sys/vm/overcommit_memory 1
setting /proc/sys/vm/panic_on_oom 0
setting /proc/sys/kernel/panic 10
setting /proc/sys/kernel/panic_on_oops 1
setting /proc/sys/kernel/keys/root_maxkeys 1000000
setting /proc/sys/kernel/keys/root_maxbytes 25000000

if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
  mkdir "/sys/fs/cgroup/$cgroup"
else
  for controller in /sys/fs/cgroup/*/; do
    # Some are links to others.
    [ -L "${controller%/}" ] || mkdir "$controller$cgroup"
  done
fi

export PATH="$bin:$PATH"
socket=$folder/containerd/containerd.sock
containerd --config "$folder/containerd.toml" >"$folder/containerd.log" 2>&1 &
tries=0
until ctr --address "$socket" version >/dev/null 2>&1; do
  tries=$((tries + 1))
  if [ "$tries" -gt 300 ]; then
    tail -n 5 "$folder/containerd.log"
    exit 1
  fi
  sleep 0.1
done
ctr --address "$socket" --namespace k8s.io images import "$image"

# If either of the two ends, so does the node.
"$@" &
wait $!
