"""Geometry of regions, crops, and decoding of the networks' outputs; numpy and OpenCV alone."""
