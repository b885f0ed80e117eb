"""The package mediapipe, which has wheels for Python 3.11 and 3.12 alone."""

from importlib.util import find_spec
from typing import Final

import pytest

HAS_MEDIAPIPE: Final = find_spec("mediapipe") is not None

REFERENCE: Final = "mediapipe" if HAS_MEDIAPIPE else "openvino"
"""The engine that tests take which want real landmarks, whoever finds them: this one compiles nothing."""

needs_mediapipe = pytest.mark.skipif(not HAS_MEDIAPIPE, reason="mediapipe has no wheel for this Python")

ENGINES: Final = ["openvino", pytest.param("mediapipe", marks=needs_mediapipe)]
"""For tests that run with each."""
