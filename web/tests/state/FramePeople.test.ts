import type { TrackedFrame } from "mocast-client";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FramePeople } from "../../src/state/FramePeople";

function of(frame: number, person: number): TrackedFrame {
  return { frame, person, pts: 3000 * frame } as TrackedFrame;
}

const shown: string[] = [];
let people: FramePeople;

beforeEach(() => {
  vi.useFakeTimers();
  shown.length = 0;
  people = new FramePeople((frame, others) =>
    shown.push([frame, ...others].map((one) => `${one.frame}/${one.person}`).join(" ")),
  );
});
afterEach(() => vi.useRealTimers());

test("of one person each frame is handed on at once", () => {
  people.add(of(1, 0), false);
  people.add(of(2, 0), false);
  expect(shown).toEqual(["1/0", "2/0"]);
});

test("the people of a frame are handed on together", () => {
  people.add(of(1, 0), true);
  people.add(of(1, 1), true);
  expect(shown).toEqual([]);
  vi.advanceTimersByTime(4);
  expect(shown).toEqual(["1/0 1/1"]);
});

test("a newer frame does not wait, and who waits for a turn is shown where they were until they are gone", () => {
  people.add(of(1, 0), true);
  people.add(of(2, 1), true);
  people.add(of(30, 1), true);
  vi.advanceTimersByTime(4);
  expect(shown).toEqual(["1/0", "2/1 1/0", "30/1"]);
});
