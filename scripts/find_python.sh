#!/bin/sh
# Prints a Python that Mocast can use, or says in one sentence what to install.
# 3.11 to 3.13; those first that MediaPipe 0.10.21, the reference engine, has wheels for. PYTHON=... names another to try.
set -eu
too_old='import sys; sys.exit(sys.version_info[:2] >= (3, 11))'
too_new='import sys; sys.exit(sys.version_info[:2] <= (3, 13))'
problem="Python is missing: install Python 3.11, 3.12 or 3.13 with its venv module (Debian, Ubuntu: apt-get install python3-venv)."
for name in ${PYTHON:-python3.12 python3.11 python3.13 python3}; do
  command -v "$name" >/dev/null || continue
  version=$("$name" -c 'import platform; print(platform.python_version())' 2>/dev/null) || continue
  if "$name" -c "$too_old"; then
    problem="Python $version is too old: install Python 3.11, 3.12 or 3.13, or name one with PYTHON=/path/to/python."
  elif "$name" -c "$too_new"; then
    problem="Python $version is too new: install Python 3.13, 3.12 or 3.11, or name one with PYTHON=/path/to/python."
  elif ! "$name" -c 'import ensurepip, venv' 2>/dev/null; then
    problem="Python $version has no venv module: install it (Debian, Ubuntu: apt-get install python${version%.*}-venv)."
  else
    command -v "$name"
    exit 0
  fi
done
echo "$problem" >&2
exit 1
