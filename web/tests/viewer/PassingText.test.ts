import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { PassingText } from "../../src/viewer/PassingText";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("a sentence goes away by itself, ten seconds after the newest one came", () => {
  const seen: string[] = [];
  const passing = new PassingText(() => seen.push(passing.text));
  passing.show("no MIDI");
  vi.advanceTimersByTime(9000);
  passing.show("no poses");
  vi.advanceTimersByTime(9999);
  expect(seen).toEqual(["no MIDI", "no poses"]);
  vi.advanceTimersByTime(1);
  expect(seen).toEqual(["no MIDI", "no poses", ""]);
});

test("the same sentence again does not stay for longer", () => {
  const passing = new PassingText(() => undefined);
  passing.show("unreachable");
  vi.advanceTimersByTime(9000);
  passing.show("unreachable");
  vi.advanceTimersByTime(1000);
  expect(passing.text).toBe("");
  passing.show("unreachable");
  expect(passing.text).toBe("");
});
