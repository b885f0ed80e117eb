"""The wire formats: landmarks, rigs and pictures as bytes and JSON, and recordings' lines (``docs/wire-format.md``)."""
