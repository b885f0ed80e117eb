import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Failure } from "../../src/Failure";
import { ReconnectingSession } from "../../src/rtc/ReconnectingSession";

/** A session that does what the test says. */
class FakeSession {
  id: string | null = null;
  isClosed = false;
  settle!: { resolve(): void; reject(failure: Failure): void };

  constructor(
    readonly replace: string | null,
    readonly onLost: (failure: Failure) => void,
  ) {}

  connect(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.settle = { resolve, reject };
    });
  }

  async open(id: string): Promise<void> {
    this.id = id;
    this.settle.resolve();
    await vi.advanceTimersByTimeAsync(0);
  }

  async fail(failure: Failure): Promise<void> {
    this.settle.reject(failure);
    await vi.advanceTimersByTimeAsync(0);
  }

  close(): void {
    this.isClosed = true;
  }
}

let made: FakeSession[];
let states: string[];
let ids: (string | null)[];

function makeReconnecting(lastId: string | null = null): ReconnectingSession<FakeSession> {
  return new ReconnectingSession<FakeSession>(
    {
      make: (replace, onLost) => {
        made.push(new FakeSession(replace, onLost));
        return made[made.length - 1];
      },
      onChange: ({ is }) => states.push(is),
      onId: (id) => ids.push(id),
    },
    lastId,
  );
}

beforeEach(() => {
  vi.useFakeTimers();
  made = [];
  states = [];
  ids = [];
});
afterEach(() => vi.useRealTimers());

test("a lost session is followed by one that takes its room back", async () => {
  const reconnecting = makeReconnecting();
  reconnecting.start();
  await made[0].open("one");
  made[0].onLost(new Failure("lost"));
  await vi.advanceTimersByTimeAsync(1000);
  await made[1].open("two");

  expect(made.map(({ replace }) => replace)).toEqual([null, "one"]);
  expect(states).toEqual(["connecting", "live", "waiting", "connecting", "live"]);
  expect(reconnecting.session).toBe(made[1]);
});

test("a reload takes the room over from the session before it", () => {
  makeReconnecting("before").start();
  expect(made[0].replace).toBe("before");
});

test("a session that got an id but no connection is replaced, too", async () => {
  makeReconnecting().start();
  made[0].id = "half";
  await made[0].fail(new Failure("no-path"));
  await vi.advanceTimersByTimeAsync(1000);
  expect(made[1].replace).toBe("half");
});

test("a stop closes the session, forgets its id and starts nothing more", async () => {
  const reconnecting = makeReconnecting();
  reconnecting.start();
  await made[0].open("one");
  reconnecting.stop();
  made[0].onLost(new Failure("lost"));
  await vi.advanceTimersByTimeAsync(60_000);

  expect(made[0].isClosed).toBe(true);
  expect(ids).toEqual(["one", null]);
  expect(made).toHaveLength(1);
  expect(reconnecting.session).toBeNull();
});

test("a stop while it waits ends the waiting", async () => {
  const reconnecting = makeReconnecting();
  reconnecting.start();
  await made[0].fail(new Failure("unreachable"));
  reconnecting.stop();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(made).toHaveLength(1);
});

test("a renewal puts a new session in the place of the present one", async () => {
  const reconnecting = makeReconnecting();
  reconnecting.start();
  await made[0].open("one");
  reconnecting.renew();
  made[0].onLost(new Failure("lost"));
  await made[1].open("two");
  expect(made.map(({ replace, isClosed }) => [replace, isClosed])).toEqual([
    [null, true],
    ["one", false],
  ]);
  expect(states).toEqual(["connecting", "live", "connecting", "live"]);
});

test("a renewal of a session that is still on its way takes its place, too", async () => {
  const reconnecting = makeReconnecting();
  reconnecting.start();
  made[0].id = "half";
  reconnecting.renew();
  await made[0].fail(new Failure("lost"));
  await made[1].open("two");
  expect(made.map(({ replace }) => replace)).toEqual([null, "half"]);
  expect(reconnecting.session).toBe(made[1]);
});

test("the network's return connects at once", async () => {
  const reconnecting = makeReconnecting();
  reconnecting.start();
  for (let round = 0; round < 6; round += 1) {
    await made[made.length - 1].fail(new Failure("unreachable"));
    if (round < 5) await vi.advanceTimersByTimeAsync(10_000);
  }
  const before = made.length;
  reconnecting.online();
  expect(made).toHaveLength(before + 1);
});
