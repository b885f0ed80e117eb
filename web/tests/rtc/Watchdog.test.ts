import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Watchdog } from "../../src/rtc/Watchdog";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function watch(silences: number[]): Watchdog {
  return new Watchdog(
    3000,
    () => silences.push(Date.now()),
    () => Date.now(),
  );
}

test("silence is noticed once, in time", () => {
  const silences: number[] = [];
  const begin = Date.now();
  watch(silences);
  vi.advanceTimersByTime(20_000);
  expect(silences.map((at) => at - begin)).toEqual([3000]);
});

test("what is heard now and then is not silent", () => {
  const silences: number[] = [];
  const watchdog = watch(silences);
  for (let round = 0; round < 20; round += 1) {
    vi.advanceTimersByTime(2000);
    watchdog.feed();
  }
  expect(silences).toEqual([]);
  watchdog.stop();
});

test("a page that was frozen gives the server its time again", () => {
  const silences: number[] = [];
  watch(silences);
  vi.setSystemTime(Date.now() + 60_000);
  vi.advanceTimersByTime(2000);
  expect(silences).toEqual([]);
  vi.advanceTimersByTime(2000);
  expect(silences).toHaveLength(1);
});
