/** The browser's statistics of the connection since the last reading. */
export interface LinkStatistics {
  /** Pictures of the answer that were decoded, per second. */
  readonly fpsShown: number;
  /** Encoding, network there and back, and from the first packet's arrival to decoded; without the server's own time. */
  readonly linkMs: number;
  /** Of `linkMs`, the encoding of one picture, on average. */
  readonly encodeMs: number;
  readonly networkMs: number;
  readonly sentKbps: number;
  readonly receivedKbps: number;
  /** Packets that did not arrive at the server, as it last reported, 0..1. */
  readonly sentLoss: number;
  /** Packets that did not arrive here, 0..1. */
  readonly receivedLoss: number;
  /** Pictures that came and were not decoded or shown, of the whole session. */
  readonly framesDropped: number;
  /** Whether it goes through a TURN relay. */
  readonly isRelayed: boolean;
}

interface Totals {
  atMs: number;
  encodeS: number;
  encoded: number;
  processingS: number;
  decoded: number;
  sentBytes: number;
  receivedBytes: number;
  packets: number;
  lost: number;
}

/** Turns the growing totals of `getStats` into rates since the last reading. */
export class LinkMeter {
  private last: Totals | null = null;

  async read(connection: Pick<RTCPeerConnection, "getStats">): Promise<LinkStatistics | null> {
    return this.rates(await connection.getStats());
  }

  /** `null` for the first report: there is nothing to compare it with. */
  rates(report: { values(): Iterable<Record<string, unknown>> } | RTCStatsReport): LinkStatistics | null {
    const all = [...(report as { values(): Iterable<Record<string, unknown>> }).values()];
    const isVideo = (type: string) => (entry: Record<string, unknown>) =>
      entry.type === type && entry.kind === "video";
    const inbound = all.find(isVideo("inbound-rtp"));
    const outbound = all.find(isVideo("outbound-rtp"));
    const sentReport = all.find(isVideo("remote-inbound-rtp"));
    const pair = all.find((entry) => entry.type === "candidate-pair" && entry.nominated === true);
    const local = all.find((entry) => entry.id === pair?.localCandidateId);

    const now: Totals = {
      atMs: number(outbound?.timestamp ?? inbound?.timestamp),
      encodeS: number(outbound?.totalEncodeTime),
      encoded: number(outbound?.framesEncoded),
      processingS: number(inbound?.totalProcessingDelay),
      decoded: number(inbound?.framesDecoded),
      sentBytes: number(outbound?.bytesSent),
      receivedBytes: number(inbound?.bytesReceived),
      packets: number(inbound?.packetsReceived),
      lost: number(inbound?.packetsLost),
    };
    const before = this.last;
    this.last = now;
    if (!before || now.atMs <= before.atMs || now.decoded < before.decoded) return null;

    const seconds = (now.atMs - before.atMs) / 1000;
    const networkMs = number(pair?.currentRoundTripTime) * 1000;
    const encodeMs = perFrameMs(now.encodeS - before.encodeS, now.encoded - before.encoded);
    // What was lost and came late is not lost: the total may shrink.
    const lost = Math.max(0, now.lost - before.lost);
    const processingMs = perFrameMs(now.processingS - before.processingS, now.decoded - before.decoded);
    return {
      fpsShown: (now.decoded - before.decoded) / seconds,
      linkMs: encodeMs + networkMs + processingMs,
      encodeMs,
      networkMs,
      sentKbps: ((now.sentBytes - before.sentBytes) * 8) / 1000 / seconds,
      receivedKbps: ((now.receivedBytes - before.receivedBytes) * 8) / 1000 / seconds,
      sentLoss: number(sentReport?.fractionLost),
      receivedLoss: lost && lost / (lost + now.packets - before.packets),
      framesDropped: number(inbound?.framesDropped),
      isRelayed: local?.candidateType === "relay",
    };
  }
}

function number(value: unknown): number {
  return typeof value === "number" ? value : 0;
}

function perFrameMs(seconds: number, frames: number): number {
  return frames > 0 ? (seconds * 1000) / frames : 0;
}
