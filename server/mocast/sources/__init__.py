"""Cameras that the server opens itself: read by PyAV, published to a room without a client."""
