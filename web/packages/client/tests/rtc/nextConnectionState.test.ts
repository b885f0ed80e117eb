import { describe, expect, test } from "vitest";
import { type ErrorKind, MocastError } from "../../src/MocastError";
import {
  type ConnectionEvent,
  type ConnectionState,
  nextConnectionState,
} from "../../src/rtc/nextConnectionState";

const failed = (kind: ErrorKind, retryAfterS = 0, random = 0.5): ConnectionEvent => ({
  is: "failed",
  error: new MocastError(kind, "", { retryAfterS }),
  random,
});
const after = (now: ConnectionState, ...events: ConnectionEvent[]) => events.reduce(nextConnectionState, now);
const connecting = { is: "connecting", attempt: 0 } as const;
const live = after(connecting, { is: "connected" });

test("an answer makes it live", () => expect(live).toEqual({ is: "live" }));

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
  const delay = (random: number) => after(live, failed("lost", 0, random));
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
  for (const state of [after(connecting, failed("refused")), after(live, { is: "close" })])
    expect(after(state, { is: "renew" })).toBe(state);
});

test("a full server is asked again when it said so, whatever the network does", () => {
  const full = after(connecting, failed("server-full", 5));
  expect(full).toMatchObject({ is: "waiting", delayMs: 6250 });
  expect(after(full, { is: "online" })).toBe(full);
});

test("a pause that the server asked for is kept, and pages come back spread over half of it", () => {
  const delay = (random: number) => after(live, failed("too-many", 10, random));
  expect(delay(0)).toMatchObject({ is: "waiting", delayMs: 10_000 });
  expect(delay(1)).toMatchObject({ is: "waiting", delayMs: 15_000 });
});

test("a room that is taken is given up after some attempts", () => {
  let now: ConnectionState = connecting;
  let attempts = 0;
  while (now.is !== "ended") {
    now = after(now, failed("room-taken"), { is: "retry" });
    attempts += 1;
    expect(attempts).toBeLessThan(20);
  }
  expect(attempts).toBe(7);
});

describe("what will not get better by waiting ends it", () => {
  test.each<ErrorKind>(["refused", "token-needed", "not-allowed", "closed-for-good"])("%s", (kind) => {
    const ended = after(connecting, failed(kind));
    expect(ended).toMatchObject({ is: "ended", error: { kind } });
    expect(after(ended, { is: "retry" }, { is: "online" })).toBe(ended);
  });
});

test("a close wins in every state, and late events change nothing", () => {
  for (const state of [live, after(live, failed("lost")), connecting, after(connecting, failed("refused"))]) {
    const closed = after(state, { is: "close" });
    expect(closed).toEqual({ is: "closed" });
    expect(after(closed, { is: "retry" }, { is: "connected" }, { is: "online" }, failed("lost"))).toBe(
      closed,
    );
  }
});
