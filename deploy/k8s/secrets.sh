#!/bin/sh
# Makes deploy/k8s/overlays/OVERLAY/secrets.env, with secrets of its own, unless it is there. Not in Git; keep a copy.
# Usage: secrets.sh dev|prod
set -eu
file=$(dirname "$0")/overlays/$1/secrets.env
[ -d "$(dirname "$file")" ] || { echo "there is no overlay $1" >&2; exit 2; }
[ -e "$file" ] && { echo "kept: $file"; exit 0; }
umask 077
for name in token cluster-secret turn-secret redis-password; do
  echo "$name=$(openssl rand -hex 32)"
done >"$file"
echo "made: $file"
