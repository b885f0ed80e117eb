"""``python -m mocast.recordings.export``: as the server runs it, at low priority."""

import os
import sys

from mocast.recordings.export.command import main

NICENESS = 10
"""Increment of the process's niceness: exports yield the processor to live rooms."""

if __name__ == "__main__":
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    sys.exit(main(sys.argv[1:]))
