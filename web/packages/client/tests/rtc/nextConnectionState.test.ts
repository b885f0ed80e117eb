import { describe, expect, test } from "vitest";
import { Failure, type FailureKind } from "../../src/Failure";
import {
  type ConnectionEvent,
  type ConnectionState,
  nextConnectionState,
} from "../../src/rtc/nextConnectionState";

const failed = (kind: FailureKind, retryAfterS = 0): ConnectionEvent => ({
  is: "failed",
  failure: new Failure(kind, "", retryAfterS),
  random: 0.5,
});
const after = (now: ConnectionState, ...events: ConnectionEvent[]) => events.reduce(nextConnectionState, now);
const live = after({ is: "idle" }, { is: "start" }, { is: "connected" });

test("a start connects, and an answer makes it live", () => {
  expect(after({ is: "idle" }, { is: "start" })).toEqual({ is: "connecting", attempt: 0 });
  expect(live).toEqual({ is: "live" });
});

test("a lost session waits a quarter of a second, then connects again", () => {
  expect(after(live, failed("lost"))).toMatchObject({ is: "waiting", attempt: 1, delayMs: 250 });
  expect(after(live, failed("lost"), { is: "retry" })).toEqual({ is: "connecting", attempt: 1 });
});

test("waits double up to a cap", () => {
  const delays: number[] = [];
  let now = live;
  for (let round = 0; round < 9; round += 1) {
    now = after(now, failed("unreachable"));
    delays.push(now.is === "waiting" ? now.delayMs : Number.NaN);
    now = after(now, { is: "retry" });
  }
  expect(delays).toEqual([250, 500, 1000, 2000, 4000, 4000, 4000, 4000, 4000]);
});

test("waits are spread by chance", () => {
  const delay = (random: number) => after(live, { is: "failed", failure: new Failure("lost"), random });
  expect(delay(0)).toMatchObject({ delayMs: 187.5 });
  expect(delay(1)).toMatchObject({ delayMs: 312.5 });
});

test("once live the next interruption begins with a short wait again", () => {
  const recovered = after(
    live,
    failed("lost"),
    { is: "retry" },
    failed("unreachable"),
    { is: "retry" },
    { is: "connected" },
  );
  expect(after(recovered, failed("lost"))).toMatchObject({ attempt: 1, delayMs: 250 });
});

test("the network's return ends the wait at once", () => {
  expect(after(live, failed("lost"), { is: "online" })).toEqual({ is: "connecting", attempt: 0 });
});

test("a renewal connects at once where something runs, and starts nothing where nothing does", () => {
  for (const state of [live, after(live, failed("lost")), after(live, failed("lost"), { is: "retry" })])
    expect(after(state, { is: "renew" })).toEqual({ is: "connecting", attempt: 0 });
  const ended = after({ is: "idle" }, { is: "start" }, failed("refused"));
  for (const state of [ended, after({ is: "idle" })]) expect(after(state, { is: "renew" })).toBe(state);
});

test("a full server is asked again when it said so, whatever the network does", () => {
  const full = after({ is: "idle" }, { is: "start" }, failed("server-full", 5));
  expect(full).toMatchObject({ is: "waiting", delayMs: 6250 });
  expect(after(full, { is: "online" })).toBe(full);
});

test("a pause that the server asked for is kept, and pages come back spread over half of it", () => {
  const delay = (random: number) =>
    after(live, { is: "failed", failure: new Failure("too-many", "", 10), random });
  expect(delay(0)).toMatchObject({ is: "waiting", delayMs: 10_000 });
  expect(delay(1)).toMatchObject({ is: "waiting", delayMs: 15_000 });
});

test("a room that is taken is given up after some attempts", () => {
  let now = after({ is: "idle" }, { is: "start" });
  let attempts = 0;
  while (now.is !== "ended") {
    now = after(now, failed("room-taken"), { is: "retry" });
    attempts += 1;
    expect(attempts).toBeLessThan(20);
  }
  expect(attempts).toBe(7);
});

describe("what will not get better by waiting ends it", () => {
  test.each<FailureKind>(["refused", "token-needed", "not-allowed", "closed-for-good", "camera-lost"])(
    "%s",
    (kind) => {
      const ended = after({ is: "idle" }, { is: "start" }, failed(kind));
      expect(ended).toMatchObject({ is: "ended", failure: { kind } });
      expect(after(ended, { is: "start" })).toEqual({ is: "connecting", attempt: 0 });
    },
  );
});

test("a stop wins in every state, and late events change nothing", () => {
  const waiting = after(live, failed("lost"));
  for (const state of [live, waiting, after({ is: "idle" }, { is: "start" })]) {
    const stopped = after(state, { is: "stop" });
    expect(after(stopped, { is: "retry" }, { is: "connected" }, { is: "online" }, failed("lost"))).toEqual({
      is: "idle",
    });
  }
});
