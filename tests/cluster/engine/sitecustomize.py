"""Has every Python process that finds this folder first track with fakes: workers start sooner, and cost little."""

import sys
from pathlib import Path

sys.path.insert(1, str(Path(__file__).parents[3]))

from tests.cluster import ready_engine  # noqa: F401
