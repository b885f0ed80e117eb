"""A WHIP client and a WHEP player of GStreamer's ``webrtcbin``: ``gstreamer_client.py publish|play URL [CODEC]``.

For Debian's Python with its bindings of GStreamer (python3-gi, gir1.2-gst-plugins-bad-1.0); imports nothing of Mocast.
Says ``connected``, and for each picture that it plays ``frame``; ends when its input is closed.
"""

import sys
import threading
import urllib.parse
import urllib.request

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstSdp", "1.0")
gi.require_version("GstWebRTC", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # noqa: E402

SOURCE = "videotestsrc is-live=true pattern=ball ! video/x-raw,width=640,height=480,framerate=30/1 ! videoconvert ! "
X264 = (
    SOURCE + "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=60 bitrate=2000 ! video/x-h264,profile={} ! "
)
PACKETS = " ! application/x-rtp,media=video,encoding-name={},payload=96"
CODECS = {
    "baseline": X264.format("baseline")
    + "rtph264pay aggregate-mode=zero-latency config-interval=-1"
    + PACKETS.format("H264,packetization-mode=(string)1"),
    "main": X264.format("main")
    + "rtph264pay aggregate-mode=none config-interval=-1"
    + PACKETS.format("H264,packetization-mode=(string)1"),
    "sets-in-offer": X264.format("constrained-baseline").replace("profile=", "stream-format=avc,profile=")
    + "rtph264pay config-interval=0"
    + PACKETS.format("H264,packetization-mode=(string)1"),
    "VP8": SOURCE + "vp8enc deadline=1 target-bitrate=2000000 keyframe-max-dist=60 ! rtpvp8pay" + PACKETS.format("VP8"),
}
PLAYED = {"VP8": "VP8", "H264": "H264,packetization-mode=(string)1,profile-level-id=(string)42e01f"}
DECODED = {"VP8": "rtpvp8depay ! vp8dec", "H264": "rtph264depay ! h264parse ! avdec_h264"}


class Client:
    def __init__(self, url, loop):
        self.location = None
        self.is_connected = False
        self._url, self._loop = url, loop

    def publish(self, codec):
        pipeline = Gst.parse_launch(f"webrtcbin name=peer bundle-policy=max-bundle {CODECS[codec]} ! peer.")
        self._connect(pipeline)
        return pipeline

    def play(self, codec):
        pipeline = Gst.Pipeline.new("player")
        element = Gst.ElementFactory.make("webrtcbin", "peer")
        element.set_property("bundle-policy", GstWebRTC.WebRTCBundlePolicy.MAX_BUNDLE)
        pipeline.add(element)
        peer = self._connect(pipeline)
        caps = f"application/x-rtp,media=video,clock-rate=90000,payload=96,encoding-name={PLAYED[codec]}"
        peer.emit("add-transceiver", GstWebRTC.WebRTCRTPTransceiverDirection.RECVONLY, Gst.Caps.from_string(caps))
        peer.connect("pad-added", self._show, pipeline, DECODED[codec])
        return pipeline

    def _connect(self, pipeline):
        peer = pipeline.get_by_name("peer")
        peer.connect("on-negotiation-needed", self._offer)
        peer.connect("notify::ice-gathering-state", self._post)
        peer.connect("notify::connection-state", self._tell)
        return peer

    def _offer(self, peer):
        peer.emit("create-offer", None, Gst.Promise.new_with_change_func(self._offered, peer))

    def _offered(self, promise, peer):
        promise.wait()
        reply = promise.get_reply()
        self._description = reply.get_value("offer")
        peer.emit("set-local-description", self._description, Gst.Promise.new())

    def _post(self, peer, _):
        if peer.get_property("ice-gathering-state") != GstWebRTC.WebRTCICEGatheringState.COMPLETE:
            return
        offer = peer.get_property("local-description").sdp.as_text()
        request = urllib.request.Request(self._url, offer.encode(), {"Content-Type": "application/sdp"})
        with urllib.request.urlopen(request) as answer:
            self.location = urllib.parse.urljoin(self._url, answer.headers["Location"])
            _, sdp = GstSdp.SDPMessage.new_from_text(answer.read().decode())
        description = GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.ANSWER, sdp)
        peer.emit("set-remote-description", description, Gst.Promise.new())

    def _tell(self, peer, _):
        state = peer.get_property("connection-state")
        if state == GstWebRTC.WebRTCPeerConnectionState.CONNECTED:
            self.is_connected = True
            print("connected", flush=True)
        elif state == GstWebRTC.WebRTCPeerConnectionState.FAILED:
            self._loop.quit()

    def _show(self, peer, pad, pipeline, decoder):
        sink = Gst.parse_bin_from_description(f"{decoder} ! fakesink name=sink signal-handoffs=true sync=false", True)
        sink.get_by_name("sink").connect("handoff", lambda *_: print("frame", flush=True))
        pipeline.add(sink)
        sink.sync_state_with_parent()
        pad.link(sink.get_static_pad("sink"))


def main():
    Gst.init(None)
    if sys.argv[1] == "version":
        print(Gst.version_string())
        return
    loop = GLib.MainLoop()
    client = Client(sys.argv[2], loop)
    pipeline = getattr(client, sys.argv[1])(sys.argv[3])
    threading.Thread(target=lambda: (sys.stdin.read(), loop.quit()), daemon=True).start()
    bus = pipeline.get_bus()
    bus.add_signal_watch()
    bus.connect("message::error", lambda _, message: (print(message.parse_error(), file=sys.stderr), loop.quit()))
    pipeline.set_state(Gst.State.PLAYING)
    GLib.timeout_add_seconds(60, lambda: client.is_connected or loop.quit())
    loop.run()
    if client.location is not None:
        urllib.request.urlopen(urllib.request.Request(client.location, method="DELETE")).close()
    pipeline.set_state(Gst.State.NULL)


if __name__ == "__main__":
    main()
