"""A page of a few lines, on another origin and not ours: a WHIP sender and a WHEP player."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

PAGE = """<!doctype html><video autoplay muted playsinline></video><script>
const exchange = async (peer, url) => {
  await peer.setLocalDescription();
  const headers = {"Content-Type": "application/sdp"};
  const answer = await fetch(url, {method: "POST", headers, body: peer.localDescription.sdp});
  if (answer.status !== 201) throw new Error(await answer.text());
  const session = new URL(answer.headers.get("Location"), answer.url);
  const tag = answer.headers.get("ETag");
  await peer.setRemoteDescription({type: "answer", sdp: await answer.text()});
  return () => fetch(session, {method: "DELETE"});
};
const send = async (url, codec) => {
  const peer = window.peer = new RTCPeerConnection();
  const camera = await navigator.mediaDevices.getUserMedia({video: {width: 640, height: 480}});
  const line = peer.addTransceiver(camera.getVideoTracks()[0], {direction: "sendonly"});
  const {codecs} = RTCRtpSender.getCapabilities("video");
  line.setCodecPreferences(codecs.filter(({mimeType}) => mimeType === `video/${codec}`));
  window.leave = await exchange(peer, url);
};
const play = async (url) => {
  const peer = window.peer = new RTCPeerConnection();
  peer.addTransceiver("video", {direction: "recvonly"});
  peer.addTransceiver("audio", {direction: "recvonly"});
  peer.ontrack = ({track}) => {
    if (track.kind === "video") document.querySelector("video").srcObject = new MediaStream([track]);
  };
  window.leave = await exchange(peer, url);
};
</script>"""


class PlainPage(BaseHTTPRequestHandler):
    """Serves the page."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(PAGE.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[str]:
    """Where the page is."""
    with ThreadingHTTPServer(("127.0.0.1", 0), PlainPage) as web:
        threading.Thread(target=web.serve_forever, daemon=True).start()
        yield f"http://localhost:{web.server_port}/"
        web.shutdown()
