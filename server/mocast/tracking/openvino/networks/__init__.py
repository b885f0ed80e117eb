"""Conversion of MediaPipe's networks to OpenVINO graphs, and rewrites of these."""
