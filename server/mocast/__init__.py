"""Mocast: a self-hosted motion-capture video server over WebRTC."""

__version__ = "0.1.0"
