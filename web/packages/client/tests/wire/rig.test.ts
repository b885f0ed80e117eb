import { describe, expect, test } from "vitest";
import { rigNames } from "../../src/model/generated";
import { makeRigFrame } from "../../src/wire/makeRigFrame";
import { parseBinaryRig } from "../../src/wire/parseBinaryRig";
import { parseJsonRig } from "../../src/wire/parseJsonRig";
import { golden } from "./golden";

const read = (name: string) => {
  const rig = makeRigFrame();
  expect(parseBinaryRig(golden.messages(name)[0], rig)).toBe(true);
  return rig;
};
const expectClose = (given: ArrayLike<number>, wanted: ArrayLike<number>, digits: number) => {
  expect(given.length).toBe(wanted.length);
  for (let i = 0; i < wanted.length; i += 1) expect(given[i]).toBeCloseTo(wanted[i], digits);
};

describe.each(golden.rigNames)("%s", (name) => {
  test("is read from its bytes as the server reads it", () => {
    const rig = read(name);
    const wanted = golden.decodedRig(name);
    expect(rig).toMatchObject({
      frame: wanted.frame,
      pts: wanted.pts,
      person: wanted.person,
      delayMs: wanted.delay_ms,
    });
    expectClose(rig.hips, wanted.hips, 6);
    expectClose(rig.rotations, wanted.rotations.flat(), 5);
    expectClose(rig.shapes, wanted.shapes, 6);
    expectClose(rig.expressions, wanted.expressions, 6);
    expectClose(rig.gazeDeg, wanted.gaze_deg, 4);
    expect(Object.values(rig.found)).toEqual(Object.values(wanted.found));
    expect(Object.values(rig.planted)).toEqual(wanted.planted);
    expectClose(rig.handTargets.offsets, wanted.hand_targets.offsets.flat(2), 5);
    expectClose(rig.handTargets.nearness, wanted.hand_targets.nearness.flat(), 6);
    expectClose(rig.handTargets.touching, wanted.hand_targets.touching.flat(), 6);
    expect(rig.hasHead).toBe(wanted.head !== null);
    if (!wanted.head) return;
    expectClose(rig.head.position, wanted.head.position, 6);
    expectClose(rig.head.rotation, wanted.head.rotation, 5);
  });

  test("every rotation has unit length", () => {
    const { rotations } = read(name);
    for (let at = 0; at < rotations.length; at += 4)
      expect(Math.hypot(...rotations.subarray(at, at + 4))).toBeCloseTo(1, 5);
  });
});

test.each(golden.rigNames.filter((name) => !name.endsWith("-edges")))("%s: JSON says the same", (name) => {
  const text = makeRigFrame();
  expect(parseJsonRig(golden.text(name), text)).toBe(true);
  const bytes = read(name);
  expect(text).toMatchObject({
    frame: bytes.frame,
    pts: bytes.pts,
    person: bytes.person,
    delayMs: bytes.delayMs,
    found: bytes.found,
  });
  expectClose(text.hips, bytes.hips, 3);
  expectClose(text.shapes, bytes.shapes, 2);
  for (let at = 0; at < text.rotations.length; at += 4) {
    const alike = [0, 1, 2, 3].reduce((sum, i) => sum + text.rotations[at + i] * bytes.rotations[at + i], 0);
    expect(Math.abs(alike)).toBeCloseTo(1, 4);
  }
});

test("JSON has the same feet and targets of hands as version 2", () => {
  const text = makeRigFrame();
  parseJsonRig(golden.text("rig2-moving"), text);
  const bytes = read("rig2-moving");
  expect(text.planted).toEqual(bytes.planted);
  expectClose(text.handTargets.offsets, bytes.handTargets.offsets, 2);
  expectClose(text.handTargets.nearness, bytes.handTargets.nearness, 2);
  expectClose(text.handTargets.touching, bytes.handTargets.touching, 2);
});

test("a message of version 1 and an older text put nothing near a hand, whatever came before", () => {
  const rig = read("rig2-moving");
  expect(rig.handTargets.nearness.some((near) => near > 0)).toBe(true);
  parseBinaryRig(golden.messages("rig-moving")[0], rig);
  expect([...rig.handTargets.nearness, rig.planted.left]).toEqual([...Array(8).fill(0), false]);
  const older = { ...JSON.parse(golden.text("rig-moving")), planted: undefined, hand_targets: undefined };
  rig.handTargets.nearness.fill(1);
  expect(parseJsonRig(JSON.stringify(older), rig)).toBe(true);
  expect([...rig.handTargets.nearness, rig.planted.left]).toEqual([...Array(8).fill(0), false]);
});

test("what later servers add at the end is left out", () => {
  const [message] = golden.messages("rig2-moving");
  const longer = new Uint8Array([...new Uint8Array(message), 1, 2, 3]);
  const rig = makeRigFrame();
  expect(parseBinaryRig(longer.buffer, rig)).toBe(true);
  expect(rig).toEqual(read("rig2-moving"));
});

test("the names are those that the documents list, each once", () => {
  expect([rigNames.bones, rigNames.shapes, rigNames.expressions].map((names) => new Set(names).size)).toEqual(
    [55, 52, 12],
  );
});

test("a parsed rig has nothing of the one before it", () => {
  const rig = read("rig-moving");
  parseBinaryRig(golden.messages("rig-rest")[0], rig);
  expect(rig.found).toEqual(makeRigFrame().found);
  expect(rig.hasHead).toBe(false);
  expect(rig.shapes.every((weight) => weight === 0)).toBe(true);
});

test("another version, length or type is not read, and changes nothing", () => {
  const [message] = golden.messages("rig-moving");
  const other = new Uint8Array(message.slice(0));
  other[0] = 3;
  const rig = makeRigFrame();
  expect(parseBinaryRig(other.buffer, rig)).toBe(false);
  expect(parseBinaryRig(message.slice(1), rig)).toBe(false);
  expect(parseBinaryRig(new ArrayBuffer(0), rig)).toBe(false);
  expect(parseJsonRig('{"type": "rig", "version": 2}', rig)).toBe(false);
  expect(parseJsonRig('{"version": 1}', rig)).toBe(false);
  expect(rig).toEqual(makeRigFrame());
});

test("no bytes give a rotation that is not a number", () => {
  let seed = 7;
  const random = () => {
    seed = (seed * 16807) % 2147483647;
    return seed & 255;
  };
  const rig = makeRigFrame();
  for (let round = 0; round < 300; round += 1) {
    const bytes = Uint8Array.from({ length: 428 }, (_, at) => (at === 0 ? 1 : random()));
    expect(parseBinaryRig(bytes.buffer, rig)).toBe(true);
    expect(rig.rotations.every(Number.isFinite)).toBe(true);
  }
});
