"""WebRTC: offers, the transport, codecs. Only ``webrtc/aiortc`` knows aiortc and aioice."""
