"""Calibration of one person's face and body: its measurement, and its JSON format."""
