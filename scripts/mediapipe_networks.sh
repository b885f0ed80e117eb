#!/bin/sh
# Where the package mediapipe is not installed, as it has no wheel for this Python, puts its networks where the server
# looks for them, out of the wheel for another Python, pinned by requirements-mediapipe.lock with its hash.
# Usage: mediapipe_networks.sh UV PYTHON
set -eu
cd "$(dirname "$0")/.."
uv=$1 python=$2

"$python" -c 'import sys, importlib.util as util; sys.exit(util.find_spec("mediapipe") is None)' && exit 0
draft=server/mocast/tracking/mediapipe.draft
rm -rf $draft
"$uv" pip install --quiet --python "$python" --python-version 3.12 --python-platform x86_64-manylinux_2_28 \
  --no-deps --require-hashes --target $draft -r requirements-mediapipe.lock
"$python" -m scripts.networks $draft/mediapipe
rm -rf $draft
