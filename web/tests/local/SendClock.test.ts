import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { SendClock } from "../../src/local/SendClock";
import type { SentPicture } from "../../src/local/SentPicture";

interface Picture {
  /** The camera's, in microseconds. */
  readonly timestamp: number;
  readonly atMs: number;
  readonly rtpTimestamp: number;
}

/** RTP timestamps as Chromium makes them: the camera's time in whole milliseconds, from a random origin. */
const rtpOf = (timestamp: number, originMs = 3_638_790_123) =>
  (Math.round(timestamp / 1000 + originMs) * 90) % 2 ** 32;

function pictures(count: number, intervalMs: (at: number) => number): Picture[] {
  let timeMs = 24_602_828.399;
  return Array.from({ length: count }, (_, at) => {
    timeMs += intervalMs(at);
    const timestamp = Math.round(timeMs * 1000);
    return { timestamp, atMs: timeMs - 24_000_000 + ((at * 7) % 5), rtpTimestamp: rtpOf(timestamp) };
  });
}

interface Feed {
  /** How long each takes to be encoded. */
  readonly delayMs: (at: number) => number;
  readonly isSent?: (at: number) => boolean;
  readonly isSeen?: (at: number) => boolean;
  /** What the browser says that encoding takes. */
  readonly encodeMs?: number;
}

/** Feed all, in the order of time; returns what was found, by RTP timestamp. */
function found(
  all: readonly Picture[],
  { delayMs, isSent, isSeen, encodeMs }: Feed,
): Map<number, SentPicture> {
  const clock = new SendClock();
  clock.encodeMs = encodeMs ?? null;
  const known: SentPicture[] = [];
  const events = all.flatMap((picture, at) => {
    const sentAtMs = picture.atMs + delayMs(at);
    const capture = () => clock.addCaptured(picture.timestamp, picture.atMs);
    const send = () => known.push(...clock.addSent({ rtpTimestamp: picture.rtpTimestamp }, sentAtMs));
    return [
      ...(isSeen?.(at) === false ? [] : [{ atMs: picture.atMs, run: capture }]),
      ...(isSent?.(at) === false ? [] : [{ atMs: sentAtMs, run: send }]),
    ];
  });
  for (const { run } of events.sort((one, other) => one.atMs - other.atMs)) run();
  return new Map(known.map((picture) => [picture.rtpTimestamp, picture]));
}

function expectFound(all: readonly Picture[], sent: Map<number, SentPicture>): void {
  expect(all.map(({ rtpTimestamp }) => sent.get(rtpTimestamp)?.timestamp)).toEqual(
    all.map(({ timestamp }) => timestamp),
  );
}

const even = () => 1000 / 30;
const uneven = (at: number) => 20 + ((at * 17) % 29);

type Recorded = ["captured", number, number] | ["sent", number, number, number];

/** From Chromium with a flag that makes it tell the camera's time of each sent picture, too: the last number. */
const recorded = JSON.parse(
  readFileSync(new URL("./recordedPictures.json", import.meta.url), "utf8"),
) as Record<string, Recorded[]>;

describe("SendClock", () => {
  it.each(Object.keys(recorded))("matches what Chromium sent of a %s, or says nothing", (name) => {
    const clock = new SendClock();
    const truth = new Map<number, number>();
    const seen: number[] = [];
    const known: SentPicture[] = [];
    for (const [kind, time, atMs, timestamp] of recorded[name]) {
      if (kind === "captured") {
        clock.addCaptured(time, atMs);
        seen.push(time);
      } else {
        known.push(...clock.addSent({ rtpTimestamp: time }, atMs));
        truth.set(time, timestamp as number);
      }
    }
    const errorsUs = known.map(({ rtpTimestamp, timestamp }) =>
      Math.abs((truth.get(rtpTimestamp) as number) - timestamp),
    );
    expect(Math.max(...errorsUs)).toBeLessThan(1000);
    const wereSeen = [...truth.values()].filter((timestamp) =>
      seen.some((time) => Math.abs(time - timestamp) < 1000),
    );
    expect(known.length / wereSeen.length).toBeGreaterThan(0.85);
  });

  it("takes what the browser tells", () => {
    const clock = new SendClock();
    clock.addCaptured(5_000_000, 70);
    clock.addCaptured(5_033_300, 103);
    expect(clock.addSent({ rtpTimestamp: 77, timestamp: 5_033_345 }, 110)).toEqual([
      { rtpTimestamp: 77, timestamp: 5_033_300, capturedAtMs: 103 },
    ]);
    expect(clock.addSent({ rtpTimestamp: 78, timestamp: 5_066_600 }, 140)).toEqual([]);
  });

  it("finds the picture of each RTP timestamp of a camera that is even, from the first on", () => {
    const all = pictures(60, even);
    const sent = found(all, { delayMs: (at) => 3 + (at % 6) });
    expectFound(all, sent);
    expect(sent.get(all[30].rtpTimestamp)?.capturedAtMs).toBe(all[30].atMs);
  });

  it("knows after eight pictures", () => {
    const all = pictures(8, even);
    expect(found(all.slice(0, 7), { delayMs: () => 8 }).size).toBe(0);
    expectFound(all, found(all, { delayMs: () => 8 }));
  });

  it("is not misled by encoding that takes longer than a picture's time, where the camera is uneven", () => {
    const all = pictures(60, uneven);
    expectFound(all, found(all, { delayMs: (at) => 45 + (at % 9), encodeMs: 45 }));
  });

  it("is not misled by an encoder that is slow most of the time", () => {
    const all = pictures(160, even);
    const sent = found(all, { delayMs: (at) => (at === 30 ? 9 : 45 + (at % 9)) });
    expectFound(all.slice(32), sent);
  });

  it("says nothing where each picture may have been encoded for longer than a picture's time, and the camera is even", () => {
    const all = pictures(100, even);
    const slow = (at: number) => 45 + (at % 9);
    expect(found(all, { delayMs: slow, encodeMs: 45 }).size).toBe(0);
    const waiting = (at: number) => 34 + (at % 5); // for the processor, too
    expect(found(all, { delayMs: waiting, encodeMs: 28 }).size).toBe(0);
    expectFound(all, found(all, { delayMs: (at) => 8 + (at % 9), encodeMs: 11 }));
  });

  it("does with pictures that the encoder leaves out or nobody saw, and over the end of 32 bits", () => {
    const all = pictures(60, even).map((picture) => ({
      ...picture,
      rtpTimestamp: rtpOf(picture.timestamp, (2 ** 32 / 90) * 3 - 24_602_828 - 1000),
    }));
    const isSeen = (at: number) => at % 7 !== 2;
    const sent = found(all, { delayMs: () => 6, isSent: (at) => at % 3 === 0, isSeen });
    expectFound(
      all.filter((_, at) => at % 3 === 0 && isSeen(at)),
      sent,
    );
    expect(sent.has(all[9].rtpTimestamp)).toBe(false);
  });

  it("knows nothing of another connection, or another camera", () => {
    for (const end of ["clear", "clearSent"] as const) {
      const clock = new SendClock();
      const all = pictures(20, even);
      const known = all.map(({ timestamp, atMs, rtpTimestamp }) => {
        clock.addCaptured(timestamp, atMs);
        return clock.addSent({ rtpTimestamp }, atMs + 6).length;
      });
      expect(known.at(-1)).toBe(1);
      clock[end]();
      expect(clock.addSent({ rtpTimestamp: all[19].rtpTimestamp }, all[19].atMs + 7)).toEqual([]);
    }
  });
});
