import { expect, test } from "vitest";
import { PlayoutClock } from "../../src/avatar/PlayoutClock";

const FRAME_MS = 1000 / 30;

/** Hear 30 fps whose messages come so late, and read at 60 fps; the readings by the time of reading. */
function run(
  clock: PlayoutClock,
  frames: number,
  lateMs: (frame: number) => number,
  startMs = 5000,
): number[][] {
  const arrivals = Array.from({ length: frames }, (_, frame) => ({
    captureMs: frame * FRAME_MS,
    atMs: startMs + frame * FRAME_MS + lateMs(frame),
  })).sort((one, other) => one.atMs - other.atMs);
  const readings: number[][] = [];
  for (let nowMs = startMs; arrivals.length; nowMs += FRAME_MS / 2) {
    while (arrivals.length && arrivals[0].atMs <= nowMs) {
      const { captureMs, atMs } = arrivals.shift()!;
      clock.onMessage(captureMs, atMs);
    }
    readings.push([nowMs - startMs, clock.read(nowMs)]);
  }
  return readings;
}

test("before the first message there is nothing to show", () => {
  expect(new PlayoutClock().read(10)).toBeNaN();
});

test("an even stream is shown one frame behind", () => {
  const readings = run(new PlayoutClock(), 90, () => 40);
  for (const [atMs, shownMs] of readings.slice(-30)) expect(atMs - 40 - shownMs).toBeCloseTo(FRAME_MS, 0);
});

test("the delay is a frame's interval and the jitter, no more", () => {
  const clock = new PlayoutClock();
  run(clock, 120, (frame) => 40 + (frame % 3) * 8);
  expect(clock.delayMs).toBeGreaterThan(FRAME_MS + 14);
  expect(clock.delayMs).toBeLessThan(FRAME_MS + 18);
});

test("it never runs backward, and runs steadily", () => {
  let seed = 3;
  const random = () => {
    seed = (seed * 16807) % 2147483647;
    return seed / 2147483647;
  };
  const readings = run(new PlayoutClock(), 300, () => 30 + random() * 50).filter(
    ([, shown]) => !Number.isNaN(shown),
  );
  for (let i = 20; i < readings.length; i += 1) {
    const step = readings[i][1] - readings[i - 1][1];
    expect(step).toBeGreaterThan((FRAME_MS / 2) * 0.8);
    expect(step).toBeLessThan((FRAME_MS / 2) * 1.2);
  }
});

test("a single stall is forgotten within seconds", () => {
  const clock = new PlayoutClock();
  run(clock, 300, (frame) => (frame === 60 ? 130 : 30));
  expect(clock.delayMs).toBeLessThan(FRAME_MS + 5);
});

test("the delay grows when the path becomes longer", () => {
  const clock = new PlayoutClock();
  const readings = run(clock, 600, (frame) => (frame < 100 ? 20 : 140));
  const [atMs, shownMs] = readings[readings.length - 1];
  expect(atMs - 140 - shownMs).toBeCloseTo(FRAME_MS, -1);
});

test("a stream of another rate is shown one of its own frames behind", () => {
  const clock = new PlayoutClock();
  for (let frame = 0; frame < 120; frame += 1)
    clock.onMessage((frame * 1000) / 15, 100 + (frame * 1000) / 15);
  expect(clock.delayMs).toBeCloseTo(1000 / 15, 0);
});
