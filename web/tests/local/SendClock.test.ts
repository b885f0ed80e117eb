import { describe, expect, it } from "vitest";
import { SendClock } from "../../src/local/SendClock";

interface Picture {
  /** The camera's, in microseconds. */
  readonly timestamp: number;
  readonly atMs: number;
  readonly rtpTimestamp: number;
}

/** RTP timestamps as Chromium makes them: the camera's time in whole milliseconds, from a random origin. */
const rtpOf = (timestamp: number, originMs = 3_638_790_123) =>
  (Math.floor(timestamp / 1000 + originMs) * 90) % 2 ** 32;

function pictures(count: number, intervalMs: (at: number) => number): Picture[] {
  let timeMs = 24_602_828.399;
  return Array.from({ length: count }, (_, at) => {
    timeMs += intervalMs(at);
    const timestamp = Math.round(timeMs * 1000);
    return { timestamp, atMs: timeMs - 24_000_000 + ((at * 7) % 5), rtpTimestamp: rtpOf(timestamp) };
  });
}

/** Feed all, in the order of time; `delayMs`: how long each takes to be encoded. */
function fed(all: readonly Picture[], delayMs: (at: number) => number, isSent = (_: number) => true) {
  const clock = new SendClock();
  const events = all.flatMap((picture, at) => [
    { atMs: picture.atMs, run: () => clock.addCaptured(picture.timestamp, picture.atMs) },
    ...(isSent(at)
      ? [
          {
            atMs: picture.atMs + delayMs(at),
            run: () =>
              clock.addSent({ rtpTimestamp: picture.rtpTimestamp, atMs: picture.atMs + delayMs(at) }),
          },
        ]
      : []),
  ]);
  for (const { run } of events.sort((one, other) => one.atMs - other.atMs)) run();
  return clock;
}

const even = () => 1000 / 30;
const uneven = (at: number) => 20 + ((at * 17) % 29);

describe("SendClock", () => {
  it("finds the picture of each RTP timestamp of a camera that is even", () => {
    const all = pictures(60, even);
    const clock = fed(all, (at) => 3 + (at % 6));
    for (const { rtpTimestamp, timestamp } of all.slice(-40))
      expect(clock.find(rtpTimestamp)).toBe(timestamp);
  });

  it("knows after four pictures", () => {
    const all = pictures(4, even);
    expect(fed(all.slice(0, 3), () => 8).find(all[2].rtpTimestamp)).toBeNull();
    expect(fed(all, () => 8).find(all[3].rtpTimestamp)).toBe(all[3].timestamp);
  });

  it("is not misled by encoding that takes longer than a picture's time, where the camera is uneven", () => {
    const all = pictures(60, uneven);
    const clock = fed(all, (at) => 45 + (at % 9));
    for (const { rtpTimestamp, timestamp } of all.slice(-30))
      expect(clock.find(rtpTimestamp)).toBe(timestamp);
  });

  it("is not misled by a page that sees most pictures late", () => {
    const latenessMs = (at: number) => (at % 10 === 3 ? 0 : (at * 13) % 31);
    const all = pictures(90, even).map((picture, at) => ({
      ...picture,
      atMs: picture.atMs + latenessMs(at),
    }));
    const clock = fed(all, (at) => 9 - latenessMs(at));
    for (const { rtpTimestamp, timestamp } of all.slice(-40))
      expect(clock.find(rtpTimestamp)).toBe(timestamp);
  });

  it("is not misled by an encoder that is slow most of the time", () => {
    const all = pictures(120, even);
    const clock = fed(all, (at) => (at === 30 ? 9 : 45 + (at % 9)));
    for (const { rtpTimestamp, timestamp } of all.slice(-40))
      expect(clock.find(rtpTimestamp)).toBe(timestamp);
  });

  it("does with pictures that the encoder leaves out, and over the end of 32 bits", () => {
    const all = pictures(60, even).map((picture) => ({
      ...picture,
      rtpTimestamp: rtpOf(picture.timestamp, (2 ** 32 / 90) * 3 - 24_602_828 - 1000),
    }));
    const clock = fed(
      all,
      () => 6,
      (at) => at % 3 === 0,
    );
    for (const { rtpTimestamp, timestamp } of all.slice(-30).filter((_, at) => at % 3 === 0))
      expect(clock.find(rtpTimestamp)).toBe(timestamp);
  });

  it("tells when the picture came, and nothing of what was never captured", () => {
    const all = pictures(40, even);
    const clock = fed(all, () => 6);
    expect(clock.capturedAtMs(all[30].rtpTimestamp)).toBeCloseTo(all[30].atMs);
    expect(clock.find(all[39].rtpTimestamp + 90 * 200)).toBeNull();
    clock.clearSent();
    expect(clock.find(all[30].rtpTimestamp)).toBeNull();
  });
});
