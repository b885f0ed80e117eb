// Notes when the returned pictures are shown and the landmarks come, over all connections that the page makes.
(() => {
  const pictures = [], frames = new Map(), begun = [], whole = [], peers = [];
  let began = 0;

  const createDataChannel = RTCPeerConnection.prototype.createDataChannel;
  RTCPeerConnection.prototype.createDataChannel = function (label, options) {
    const channel = createDataChannel.call(this, label, options);
    if (!peers.includes(this)) peers.push(this);
    if (label === "landmarks") channel.addEventListener("message", ({ data }) => take(data));
    return channel;
  };

  // A frame is whole when the last of its messages has come (docs/wire-format.md); the page shows what came of it.
  function take(data) {
    const view = new DataView(data);
    const frame = view.getUint32(4, true), count = view.getUint8(3) >> 4;
    if (!frames.has(frame)) begun.push(performance.now());
    const left = (frames.get(frame) ?? count) - 1;
    frames.set(frame, left);
    if (left === 0) whole.push(performance.now());
    if (frames.size > 200) frames.delete(frames.keys().next().value);
  }

  const seen = new WeakSet();
  setInterval(() => {
    const video = document.querySelector("video.returned");
    if (!video || seen.has(video)) return;
    seen.add(video);
    const look = () => video.requestVideoFrameCallback((now) => { pictures.push(now); look(); });
    look();
  }, 50);

  const since = (times, at) => times.filter((time) => time >= at);

  async function totals() {
    const sum = { encode: 0, encoded: 0, processing: 0, decoded: 0, sent: 0, received: 0, networkMs: 0 };
    for (const peer of peers) {
      for (const entry of (await peer.getStats()).values()) {
        if (entry.kind === "audio") continue; // which is not encoded while there is no microphone
        if (entry.type === "outbound-rtp") {
          sum.encode += entry.totalEncodeTime; sum.encoded += entry.framesEncoded; sum.sent += entry.bytesSent;
        } else if (entry.type === "inbound-rtp") {
          sum.processing += entry.totalProcessingDelay; sum.decoded += entry.framesDecoded; sum.received += entry.bytesReceived;
        } else if (entry.type === "candidate-pair" && entry.nominated && entry.totalRoundTripTime) {
          sum.networkMs = (1000 * entry.totalRoundTripTime) / entry.responsesReceived;
        }
      }
    }
    return sum;
  }

  let before = null, usual = [0, 0];
  window.watched = {
    pictures,
    async begin() {
      began = performance.now();
      usual = [pictures, begun].map((times) => since(times, began - 2000).length / 2);
      before = await totals();
    },
    /** Whether pictures and landmarks came in the last second as often as two thirds of what they did before `begin`. */
    isFluent() {
      const at = performance.now() - 1000;
      const isAsUsual = [pictures, begun].every((times, index) => since(times, at).length >= 0.66 * usual[index]);
      return window.mocast.state === "live" && isAsUsual;
    },
    async pair() {
      const all = [...(await peers.at(-1).getStats()).values()];
      const pair = all.find((entry) => entry.type === "candidate-pair" && entry.nominated && entry.state === "succeeded");
      const of = (id) => all.find((entry) => entry.id === id) ?? {};
      const local = of(pair?.localCandidateId), remote = of(pair?.remoteCandidateId);
      return { local: local.candidateType, remote: remote.candidateType, protocol: local.protocol, relay: local.relayProtocol };
    },
    async summary() {
      const now = performance.now(), seconds = (now - began) / 1000;
      const shown = [began, ...since(pictures, began), now];
      const gaps = shown.slice(1).map((time, index) => time - shown[index]).sort((a, b) => a - b);
      const after = await totals();
      const each = (total, count) => (1000 * (after[total] - before[total])) / Math.max(1, after[count] - before[count]);
      const kbps = (total) => ((after[total] - before[total]) * 8) / 1000 / seconds;
      return {
        pictures: (shown.length - 2) / seconds,
        gapP95: gaps[Math.floor(0.95 * (gaps.length - 1))],
        gapMax: gaps.at(-1),
        landmarks: since(begun, began).length / seconds,
        whole: since(whole, began).length / seconds,
        roundTrip: each("encode", "encoded") + after.networkMs + each("processing", "decoded")
          + (window.mocast.statistics?.delay_ms ?? 0),
        sentKbps: kbps("sent"),
        receivedKbps: kbps("received"),
        connections: peers.length,
      };
    },
  };
})();
