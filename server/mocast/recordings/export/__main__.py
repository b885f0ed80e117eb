"""``python -m mocast.recordings.export``: as the server runs it, at low priority."""

import os
import sys

from mocast.recordings.export.command import main

GIVES_WAY = 10
"""Added to the process's niceness."""

if __name__ == "__main__":
    if hasattr(os, "nice"):
        os.nice(GIVES_WAY)
    sys.exit(main(sys.argv[1:]))
