import { expect, test } from "vitest";
import { RigPlayer } from "../../src/avatar/RigPlayer";
import { rigs } from "./rigs";

const FRAME_MS = 1000 / 30;
/** Degrees per second of the motion that is sent. */
const SPEED = 60;

interface Message {
  readonly frame: number;
  readonly atMs: number;
}

/** Send a steady turn, and give what is shown at 60 fps: time and degrees. */
function play(
  player: RigPlayer,
  messages: Message[],
  untilMs: number,
  fromMs = 0,
): { atMs: number; deg: number }[] {
  const shown = [];
  let next = 0;
  for (let atMs = fromMs; atMs < untilMs; atMs += FRAME_MS / 2) {
    for (; next < messages.length && messages[next].atMs <= atMs; next += 1) {
      const captureMs = messages[next].frame * FRAME_MS;
      player.push(rigs.turned(captureMs, (captureMs / 1000) * SPEED), messages[next].atMs);
    }
    const pose = player.play(atMs);
    if (pose) shown.push({ atMs, deg: rigs.yawDeg(pose) });
  }
  return shown;
}

const evenly = (count: number, first = 0): Message[] =>
  Array.from({ length: count }, (_, i) => ({ frame: first + i, atMs: (first + i) * FRAME_MS + 1 }));
const steps = (shown: { deg: number }[]) => shown.slice(1).map(({ deg }, i) => deg - shown[i].deg);
const STEP = (SPEED * FRAME_MS) / 2000;

test("before the first rig there is nothing to show", () => {
  expect(new RigPlayer().play(0)).toBeNull();
});

test("30 frames a second are shown as 60 even steps, about a frame behind", () => {
  const shown = play(new RigPlayer(), evenly(60), 2000);
  for (const step of steps(shown.slice(20, -2))) expect(step).toBeCloseTo(STEP, 1);
  const last = shown[shown.length - 3];
  const behindMs = last.atMs - (last.deg / SPEED) * 1000;
  expect(behindMs).toBeGreaterThan(FRAME_MS * 0.8);
  expect(behindMs).toBeLessThan(FRAME_MS * 1.6);
});

test("a rig that is lost leaves no hole in the motion", () => {
  const messages = evenly(60).filter(({ frame }) => frame % 7 !== 3);
  for (const step of steps(play(new RigPlayer(), messages, 2000).slice(20, -2))) {
    expect(step).toBeGreaterThan(STEP * 0.3);
    expect(step).toBeLessThan(STEP * 2);
  }
});

test("rigs out of order are put in order", () => {
  const messages = evenly(60);
  for (let i = 10; i < 58; i += 6) {
    const [one, other] = [messages[i], messages[i + 1]];
    messages[i] = { frame: other.frame, atMs: other.atMs };
    messages[i + 1] = { frame: one.frame, atMs: other.atMs + 2 };
  }
  for (const step of steps(play(new RigPlayer(), messages, 2000).slice(30, -2)))
    expect(step).toBeGreaterThan(0);
});

test("bursts are played at the motion's own pace", () => {
  // Three frames come together every 100 ms.
  const messages = evenly(120).map(({ frame }) => ({
    frame,
    atMs: (Math.floor(frame / 3) * 3 + 3) * FRAME_MS,
  }));
  for (const step of steps(play(new RigPlayer(), messages, 4000).slice(60, -8))) {
    expect(step).toBeGreaterThan(STEP * 0.5);
    expect(step).toBeLessThan(STEP * 1.5);
  }
});

test("a duplicate changes nothing", () => {
  const once = play(new RigPlayer(), evenly(40), 1300);
  const twice = play(
    new RigPlayer(),
    evenly(40).flatMap((message) => [message, message]),
    1300,
  );
  expect(twice).toEqual(once);
});

test("without rigs the motion goes on for about a frame and then holds", () => {
  const shown = play(new RigPlayer(), evenly(30), 3000);
  const lastSent = ((29 * FRAME_MS) / 1000) * SPEED;
  const final = shown[shown.length - 1].deg;
  expect(final).toBeGreaterThan(lastSent - 0.01);
  expect(final).toBeLessThan(lastSent + SPEED * 0.045);
  expect(shown[shown.length - 30].deg).toBe(final);
});

test("timestamps may wrap", () => {
  const player = new RigPlayer();
  const nearTheEndMs = 2 ** 32 / 90 - 500;
  const shown: number[] = [];
  for (let atMs = 0; atMs < 1500; atMs += FRAME_MS) {
    player.push(rigs.turned(nearTheEndMs + atMs, (atMs / 1000) * SPEED), atMs);
    shown.push(rigs.yawDeg(player.play(atMs)));
  }
  for (const step of shown.slice(6).map((deg, i) => deg - shown[i + 5]))
    expect(step).toBeCloseTo(STEP * 2, 1);
});

test.each([
  ["far behind", -3_600_000],
  ["far ahead", 3_600_000],
  ["just behind", -700],
])("another stream, %s, is joined without a jump", (_, offsetMs) => {
  const player = new RigPlayer();
  const start = 4_000_000;
  for (let atMs = 0; atMs < 1000; atMs += FRAME_MS) {
    player.push(rigs.turned(start + atMs, 0), atMs);
    player.play(atMs);
  }
  const shown = [0];
  for (let atMs = 1000; atMs < 2500; atMs += FRAME_MS / 2) {
    player.push(rigs.turned(start + offsetMs + atMs, 40), atMs);
    shown.push(rigs.yawDeg(player.play(atMs)));
  }
  expect(shown[shown.length - 1]).toBeCloseTo(40, 1);
  for (const step of steps(shown.map((deg) => ({ deg })))) expect(Math.abs(step)).toBeLessThan(20);
});

test("immediate: the newest rig is shown at once", () => {
  const player = new RigPlayer();
  player.isImmediate = true;
  player.push(rigs.turned(0, 10), 0);
  player.push(rigs.turned(FRAME_MS, 20), 34);
  expect(rigs.yawDeg(player.play(34))).toBeCloseTo(20, 3);
});

test("what was pushed is copied", () => {
  const player = new RigPlayer();
  const rig = rigs.turned(0, 10);
  player.push(rig, 0);
  rig.rotations.fill(0);
  expect(rigs.yawDeg(player.play(1))).toBeCloseTo(10, 3);
});
