"""The clock of every ``pts``: RTP's for video."""

from typing import Final

PTS_PER_S: Final = 90_000
"""Ticks in a second (RFC 3551, section 5)."""
