import { expect, test } from "vitest";
import { FrameAssembler } from "../../src/wire/FrameAssembler";
import type { TrackedFrame } from "../../src/wire/TrackedFrame";
import { golden } from "./golden";

function assemble(messages: ArrayBuffer[]): TrackedFrame[] {
  const frames: TrackedFrame[] = [];
  const assembler = new FrameAssembler((frame) => frames.push(frame));
  for (const message of messages) assembler.add(message);
  return frames;
}

/** The same message as one of another frame. */
function renumbered(message: ArrayBuffer, frame: number): ArrayBuffer {
  const copy = message.slice(0);
  new DataView(copy).setUint32(4, frame, true);
  return copy;
}

/** The same message as one of another person. */
function ofPerson(message: ArrayBuffer, person: number): ArrayBuffer {
  const copy = message.slice(0);
  const view = new DataView(copy);
  view.setUint8(2, (view.getUint8(2) & 15) | (person << 4));
  return copy;
}

const whole = golden.messages("landmarks-holistic");
const small = golden.messages("landmarks-pose")[0];

test("a frame is emitted once, with its last message, in whatever order they come", () => {
  const frames = assemble([...whole].reverse().concat(whole));
  expect(frames.map((frame) => frame.isComplete)).toEqual([true]);
});

test("a frame that lost a message is emitted when the next begins", () => {
  const frames = assemble([whole[0], whole[1], renumbered(small, 9000)]);
  expect(frames.map((frame) => [frame.frame, frame.isComplete])).toEqual([
    [1234, false],
    [9000, true],
  ]);
});

test("late messages of an earlier frame are ignored", () => {
  const frames = assemble([renumbered(small, 11), renumbered(small, 10), renumbered(small, 12)]);
  expect(frames.map((frame) => frame.frame)).toEqual([11, 12]);
});

test("the frame number wraps around", () => {
  const frames = assemble([renumbered(small, 0xffffffff), renumbered(small, 0)]);
  expect(frames.map((frame) => frame.frame)).toEqual([0xffffffff, 0]);
});

test("each person's frames are put together by themselves", () => {
  const other = whole.map((message) => ofPerson(message, 3));
  const mixed = whole.flatMap((message, at) => [message, other[at]]);
  const frames = assemble([...mixed, renumbered(ofPerson(small, 3), 9000), renumbered(small, 8000)]);
  expect(frames.map(({ person, frame, isComplete }) => [person, frame, isComplete])).toEqual([
    [0, 1234, true],
    [3, 1234, true],
    [3, 9000, true],
    [0, 8000, true],
  ]);
});

test("what is not a landmark message is ignored", () => {
  expect(assemble([new ArrayBuffer(0), new ArrayBuffer(19), new ArrayBuffer(40), small])).toHaveLength(1);
});
