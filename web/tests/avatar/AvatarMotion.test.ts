import { rigNames } from "mocast-client";
import { expect, test } from "vitest";
import { AvatarMotion } from "../../src/avatar/AvatarMotion";
import { rigs } from "./rigs";

const FRAME_MS = 1000 / 60;
const BLINK = rigNames.expressions.indexOf("blinkLeft");

/** Advance at 60 fps with a rig every other frame while `rig` gives one; what `look` saw of each pose. */
function run<Seen>(
  motion: AvatarMotion,
  [fromMs, untilMs]: [number, number],
  rig: (atMs: number) => ReturnType<typeof rigs.turned> | null,
  look: (pose: ReturnType<AvatarMotion["advance"]>) => Seen,
): Seen[] {
  const seen = [];
  let isTurn = true;
  for (let atMs = fromMs; atMs < untilMs; atMs += FRAME_MS) {
    const now = isTurn ? rig(atMs) : null;
    isTurn = !isTurn;
    if (now) motion.push(now, atMs);
    seen.push(look(motion.advance(atMs)));
  }
  return seen;
}

/** How far down the left upper arm points, degrees. */
const armDownDeg = (pose: { rotations: Float32Array }) => {
  const at = rigs.bone("leftUpperArm") * 4;
  return (-2 * Math.atan2(pose.rotations[at + 2], pose.rotations[at + 3]) * 180) / Math.PI;
};

test("with nobody to follow it stands with its arms down, breathes and blinks", () => {
  const motion = new AvatarMotion(() => 0.5);
  const seen = run(
    motion,
    [0, 20_000],
    () => null,
    (pose) => ({
      arm: armDownDeg(pose),
      blink: pose.expressions[BLINK],
      chest: pose.rotations[rigs.bone("chest") * 4],
    }),
  );
  expect(motion.isTracking).toBe(false);
  expect(seen.every(({ arm }) => arm > 60 && arm < 80)).toBe(true);
  expect(Math.max(...seen.map(({ blink }) => blink))).toBeGreaterThan(0.9);
  expect(seen.filter(({ blink }) => blink === 0).length).toBeGreaterThan(seen.length * 0.8);
  const chest = seen.map((pose) => pose.chest);
  expect(Math.max(...chest) - Math.min(...chest)).toBeGreaterThan(0.01);
});

test("it follows who is found", () => {
  const motion = new AvatarMotion();
  const seen = run(motion, [0, 1500], (atMs) => rigs.turned(atMs, 25), rigs.yawDeg);
  expect(motion.isTracking).toBe(true);
  expect(seen[seen.length - 1]).toBeCloseTo(25, 1);
});

test.each([
  ["no message comes", () => null],
  [
    "nothing is found",
    (atMs: number) => {
      const rig = rigs.turned(atMs, 0);
      Object.assign(rig.found, { body: false, face: false, leftHand: false, rightHand: false });
      return rig;
    },
  ],
])("when %s it eases to idle, and back", (_, lost) => {
  const motion = new AvatarMotion();
  run(motion, [0, 1500], (atMs) => rigs.turned(atMs, 0), armDownDeg);
  const going = run(motion, [1500, 5000], lost, armDownDeg);
  const back = run(motion, [5000, 7000], (atMs) => rigs.turned(atMs, 0), armDownDeg);
  expect(going[0]).toBeCloseTo(0, 1);
  expect(going[going.length - 1]).toBeGreaterThan(60);
  expect(back[back.length - 1]).toBeCloseTo(0, 1);
  for (const arms of [going, back]) {
    const fastest = Math.max(...arms.slice(1).map((deg, i) => Math.abs(deg - arms[i])));
    expect(fastest).toBeLessThan(8);
  }
});

test("a part that is lost for a moment is still followed", () => {
  const motion = new AvatarMotion();
  run(motion, [0, 1500], (atMs) => rigs.turned(atMs, 25), rigs.yawDeg);
  const seen = run(motion, [1500, 1650], () => null, rigs.yawDeg);
  expect(Math.min(...seen)).toBeGreaterThan(24.5);
});

test("while only the face is found the arms idle", () => {
  const motion = new AvatarMotion();
  const face = (atMs: number) => {
    const rig = rigs.turned(atMs, 25);
    Object.assign(rig.found, { body: false, leftHand: false, rightHand: false });
    return rig;
  };
  const seen = run(motion, [0, 2000], face, (pose) => [rigs.yawDeg(pose), armDownDeg(pose)]);
  const [yaw, arm] = seen[seen.length - 1];
  expect(yaw).toBeCloseTo(25, 1);
  expect(arm).toBeGreaterThan(60);
});
