#!/bin/sh
# Makes .venv what the locks say, with Mocast itself in it. Does nothing, quickly, when it is so already.
# Usage: python_env.sh run|dev      run: what the server needs; dev: that and the tools of `make test` and `make check`.
# An environment that has become dev stays dev, so that `make run` and `make test` in turn install nothing.
set -eu
cd "$(dirname "$0")/.."
level=$1

stamp=.venv/.mocast
sum() { cat "$@" | cksum; }
state() { echo "$1 $PWD $(sum pyproject.toml requirements.lock requirements-dev.lock requirements-networks.lock requirements-mediapipe.lock)"; }
have=$(cat $stamp 2>/dev/null || true)
[ "$have" = "$(state dev)" ] && exit 0
[ "$have" = "$(state "$level")" ] && exit 0
case $have in dev*) level=dev ;; esac

# uv, from PyPI into the project: its hashes are in requirements-uv.lock.
uv_sum=$(sum requirements-uv.lock)
if [ "$(cat .tools/uv/.mocast 2>/dev/null || true)" != "$PWD $uv_sum" ]; then
  python=$(scripts/find_python.sh)
  echo "Fetching uv into .tools/"
  "$python" -m venv --clear .tools/uv
  .tools/uv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-uv.lock
  echo "$PWD $uv_sum" >.tools/uv/.mocast
fi
uv=.tools/uv/bin/uv

usable='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'
if ! .venv/bin/python -c "$usable" 2>/dev/null; then
  python=$(scripts/find_python.sh)
  $uv venv --quiet --clear --python "$python" .venv
fi
rm -f $stamp
lock=requirements.lock
[ "$level" = dev ] && lock=requirements-dev.lock
echo "Installing $lock into .venv/"
export VIRTUAL_ENV="$PWD/.venv"
$uv pip sync --quiet --require-hashes $lock
# No index and no isolation are needed: the build backend is within uv (see pyproject.toml).
$uv pip install --quiet --offline --no-deps --editable .
scripts/face_shapes.sh $uv .venv/bin/python
scripts/mediapipe_networks.sh $uv .venv/bin/python
state "$level" >$stamp
