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

test("messages now and then are no silence", () => {
  const silences: number[] = [];
  const watchdog = watch(silences);
  for (let round = 0; round < 20; round += 1) {
    vi.advanceTimersByTime(2000);
    watchdog.feed();
  }
  expect(silences).toEqual([]);
  watchdog.stop();
});

test("after the page was frozen the silence is counted anew", () => {
  const silences: number[] = [];
  watch(silences);
  vi.setSystemTime(Date.now() + 60_000);
  vi.advanceTimersByTime(2000);
  expect(silences).toEqual([]);
  vi.advanceTimersByTime(2000);
  expect(silences).toHaveLength(1);
});
