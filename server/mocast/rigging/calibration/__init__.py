"""One person's calibration: how it is measured, and how it is written as JSON."""
