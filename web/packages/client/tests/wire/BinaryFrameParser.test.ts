import { describe, expect, test } from "vitest";
import { BinaryFrameParser } from "../../src/wire/BinaryFrameParser";
import type { TrackedFrame } from "../../src/wire/TrackedFrame";
import { type GoldenPart, golden } from "./golden";

function decode(messages: ArrayBuffer[]): TrackedFrame {
  const parser = BinaryFrameParser.of(messages[0])!;
  for (const message of messages) parser.add(message);
  return parser.build();
}

function expectSame(flat: Float32Array, wanted: (number[] | number | null)[], columns: number): void {
  const numbers = wanted.flatMap((landmark) => landmark ?? new Array(columns).fill(Number.NaN));
  expect(Array.from(flat)).toEqual(Array.from(Float32Array.from(numbers)));
}

function expectSamePart(part: object | null, wanted: GoldenPart | null): void {
  expect(part === null).toBe(wanted === null);
  for (const [field, values] of Object.entries(wanted ?? {})) {
    const flat = (part as Record<string, Float32Array>)[field];
    expectSame(flat, values, field === "visibility" ? 1 : 3);
  }
}

describe("the server's golden files are read as the server reads them", () => {
  test.each(golden.binaryNames)("%s", (name) => {
    const frame = decode(golden.messages(name));
    const wanted = golden.decoded(name);

    expect(frame).toMatchObject({
      frame: wanted.frame,
      pts: wanted.pts,
      person: wanted.person,
      width: wanted.size_wh[0],
      height: wanted.size_wh[1],
      mirrored: wanted.mirrored,
      isComplete: wanted.is_complete,
    });
    expect(frame.trackingMs).toBeCloseTo(wanted.tracking_ms, 5);
    expect(frame.delayMs).toBe(wanted.delay_ms);
    expectSamePart(frame.pose, wanted.pose);
    expectSamePart(frame.face, wanted.face);
    expectSamePart(frame.leftHand, wanted.left_hand);
    expectSamePart(frame.rightHand, wanted.right_hand);
  });

  test("there are golden files", () => expect(golden.binaryNames.length).toBeGreaterThan(3));
});

test("no bytes make it throw", () => {
  let seed = 1;
  const random = () => {
    seed = (seed * 16807) % 2147483647;
    return seed & 255;
  };
  const valid = golden.messages("landmarks-holistic")[0];
  for (let round = 0; round < 2000; round += 1) {
    const bytes = new Uint8Array(valid.slice(0, (random() << 3) % (valid.byteLength + 1)));
    for (let change = 0; change < 6 && bytes.length; change += 1)
      bytes[(random() * 3) % bytes.length] = random();
    BinaryFrameParser.of(bytes.buffer)?.add(bytes.buffer);
  }
});

test("hands below the publisher's confidence are marked", () => {
  const messages = golden.messages("landmarks-holistic");
  for (const message of messages) new DataView(message).setUint8(2, 0b101);
  const frame = decode(messages);
  expect([frame.mirrored, frame.leftHand?.isSure, frame.rightHand?.isSure]).toEqual([true, true, false]);
});
