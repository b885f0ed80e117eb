"""``python -m mocast``."""

import sys

from mocast.cli import main

sys.exit(main())
