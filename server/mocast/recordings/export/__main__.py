"""``python -m mocast.recordings.export``: as the server runs it."""

import sys

from mocast.recordings.export.command import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
