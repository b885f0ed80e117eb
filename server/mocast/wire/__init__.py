"""What was tracked, as bytes and as JSON: the formats of ``docs/wire-format.md``."""
