"""Viewers of a room, in a browser: ``python -m bench.watchers URL ROOM COUNT LABELS``.

Each is a peer connection of its own with a data channel for each label, or with the picture, by WHEP, for the label
``picture``. A browser's cost a small part of what as many in Python would, so they leave the machine to the server;
pictures are taken as they come and not decoded, which a machine of its own does for each viewer.
Prints ``ready`` when all are connected, and for each line on its input how many messages or pictures came so far, for
each label the least and the most of any viewer.
"""

import json
import sys

from playwright.sync_api import sync_playwright
from tests.e2e.browser import ARGUMENTS, find_chromium

from bench.peers import bearer

WATCH = """
async ([room, count, labels]) => {
  window.counts = labels.map(() => new Array(count).fill(0));
  window.peers = [];
  const take = "onrtctransform = ({transformer}) => transformer.readable.pipeTo(new WritableStream())";
  const taker = new Worker(URL.createObjectURL(new Blob([take])));
  for (let viewer = 0; viewer < count; viewer++) {
    const pc = new RTCPeerConnection();
    window.peers.push(pc);
    const open = labels.map((label, index) => new Promise((resolve) => {
      if (label === "picture") {
        pc.addTransceiver("video", {direction: "recvonly"});
        pc.ontrack = ({receiver}) => {
          receiver.transform = new RTCRtpScriptTransform(taker);
          resolve();
        };
        return;
      }
      const channel = pc.createDataChannel(label, {ordered: false, maxRetransmits: 0});
      channel.onopen = resolve;
      channel.onmessage = () => { window.counts[index][viewer]++; };
    }));
    await pc.setLocalDescription();
    const answer = await fetch(labels.includes("picture") ? `/whep/${room}` : `/v1/rooms/${room}/subscribe`, {
      method: "POST", body: pc.localDescription.sdp, headers: {"Content-Type": "application/sdp"},
    });
    if (answer.status !== 201) throw new Error(await answer.text());
    const location = new URL(answer.headers.get("Location"), answer.url);
    pc.onicecandidate = ({candidate}) => {
      if (!candidate || !candidate.candidate) return;
      fetch(location, {method: "PATCH", headers: {"Content-Type": "application/trickle-ice-sdpfrag", "If-Match": "*"},
        body: `a=mid:${candidate.sdpMid}\\r\\na=${candidate.candidate}\\r\\n`});
    };
    await pc.setRemoteDescription({type: "answer", sdp: await answer.text()});
    await Promise.all(open);
  }
}
"""

COUNTS = """
async (labels) => {
  const index = labels.indexOf("picture");
  if (index >= 0) await Promise.all(window.peers.map(async (pc, viewer) => {
    for (const report of (await pc.getStats()).values())
      if (report.type === "inbound-rtp") window.counts[index][viewer] = report.framesReceived;
  }));
  return window.counts;
}
"""


def main() -> None:
    url, room, count, labels = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4].split(",")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
        page = browser.new_page(extra_http_headers=bearer(), bypass_csp=True)  # answers of the API connect to nothing
        page.goto(f"{url}/healthz")
        page.evaluate(WATCH, [room, count, labels])
        print("ready", flush=True)
        for _ in sys.stdin:
            counts = page.evaluate(COUNTS, labels)
            of_each = {label: [min(n), max(n)] for label, n in zip(labels, counts, strict=True)}
            print(json.dumps(of_each), flush=True)
        browser.close()


if __name__ == "__main__":
    main()
