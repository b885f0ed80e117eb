"""WebRTC: peers, codecs, channels and rooms. The only place that knows aiortc and av."""
