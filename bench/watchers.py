"""Viewers of a room, in a browser: ``python -m bench.watchers URL ROOM COUNT LABELS``.

Each is a peer connection of its own with a data channel for each label. A browser's cost a small part of what as many
in Python would, so they leave the machine to the server. Viewers of the picture: ``bench/picture_viewers.py``.
Prints ``ready`` when all are connected, and for each line on its input how many messages came so far, for each label
the least and the most of any viewer.
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
  for (let viewer = 0; viewer < count; viewer++) {
    const pc = new RTCPeerConnection();
    window.peers.push(pc);
    const open = labels.map((label, index) => new Promise((resolve) => {
      const channel = pc.createDataChannel(label, {ordered: false, maxRetransmits: 0});
      channel.onopen = resolve;
      channel.onmessage = () => { window.counts[index][viewer]++; };
    }));
    await pc.setLocalDescription();
    const answer = await fetch(`/v1/rooms/${room}/subscribe`, {
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


def main() -> None:
    url, room, count, labels = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4].split(",")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
        page = browser.new_page(extra_http_headers=bearer(), bypass_csp=True)  # answers of the API connect to nothing
        page.goto(f"{url}/healthz")
        page.evaluate(WATCH, [room, count, labels])
        print("ready", flush=True)
        for _ in sys.stdin:
            counts = page.evaluate("() => window.counts")
            of_each = {label: [min(n), max(n)] for label, n in zip(labels, counts, strict=True)}
            print(json.dumps(of_each), flush=True)
        browser.close()


if __name__ == "__main__":
    main()
