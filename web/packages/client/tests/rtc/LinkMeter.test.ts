import { expect, test } from "vitest";
import { LinkMeter } from "../../src/rtc/LinkMeter";

function report(seconds: number, candidateType = "host"): Map<string, Record<string, unknown>> {
  const timestamp = 1_000_000 + seconds * 1000;
  return new Map<string, Record<string, unknown>>([
    [
      "in",
      {
        type: "inbound-rtp",
        kind: "video",
        timestamp,
        framesDecoded: seconds * 20,
        totalProcessingDelay: seconds * 20 * 0.008,
        bytesReceived: seconds * 125_000,
        packetsReceived: seconds * 97,
        packetsLost: seconds * 3,
        framesDropped: seconds,
      },
    ],
    [
      "out",
      {
        type: "outbound-rtp",
        kind: "video",
        timestamp,
        framesEncoded: seconds * 30,
        totalEncodeTime: seconds * 30 * 0.004,
        bytesSent: seconds * 250_000,
      },
    ],
    ["report", { type: "remote-inbound-rtp", kind: "video", fractionLost: 0.05 }],
    [
      "pair",
      { type: "candidate-pair", nominated: true, currentRoundTripTime: 0.02, localCandidateId: "own" },
    ],
    ["own", { id: "own", type: "local-candidate", candidateType }],
  ]);
}

test("gives what changed between two readings", () => {
  const meter = new LinkMeter();
  expect(meter.rates(report(1))).toBeNull();
  const figures = meter.rates(report(3, "relay"))!;
  expect(figures.fpsShown).toBeCloseTo(20);
  expect(figures.networkMs).toBeCloseTo(20);
  expect(figures.linkMs).toBeCloseTo(4 + 20 + 8);
  expect(figures.encodeMs).toBeCloseTo(4);
  expect(figures.sentKbps).toBeCloseTo(2000);
  expect(figures.receivedKbps).toBeCloseTo(1000);
  expect(figures.sentLoss).toBe(0.05);
  expect(figures.receivedLoss).toBeCloseTo(0.03);
  expect(figures.framesDropped).toBe(3);
  expect(figures.isRelayed).toBe(true);
});

test("without a returned picture no value is made up", () => {
  const meter = new LinkMeter();
  const onlyOut = (seconds: number) => new Map([...report(seconds)].filter(([name]) => name === "out"));
  meter.rates(onlyOut(1));
  expect(meter.rates(onlyOut(2))).toMatchObject({
    fpsShown: 0,
    networkMs: 0,
    receivedLoss: 0,
    isRelayed: false,
  });
});
