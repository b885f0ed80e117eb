import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { NoticeStore } from "../../src/state/NoticeStore";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("a notice is shown for a while, each from its own beginning", () => {
  const store = new NoticeStore();
  store.show("slow network");
  vi.advanceTimersByTime(7_000);
  store.show("camera is dark");
  vi.advanceTimersByTime(7_000);
  expect(store.value).toBe("camera is dark");
  vi.advanceTimersByTime(1_000);
  expect(store.value).toBe("");
});

test("a lasting notice stays until it is cleared", () => {
  const store = new NoticeStore();
  store.show("slow network");
  store.show("the server drains", true);
  vi.advanceTimersByTime(60_000);
  expect(store.value).toBe("the server drains");
  store.clear();
  expect(store.value).toBe("");
});
