import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { MocastError } from "../../src/MocastError";
import { ReconnectingSession } from "../../src/rtc/ReconnectingSession";

/** A session that does what the test says. */
class FakeSession {
  id: string | null = null;
  isClosed = false;
  settle!: { resolve(): void; reject(error: MocastError): void };

  constructor(
    readonly replace: string | null,
    readonly onLost: (error: MocastError) => void,
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

  async fail(error: MocastError): Promise<void> {
    this.settle.reject(error);
    await vi.advanceTimersByTimeAsync(0);
  }

  close(): void {
    this.isClosed = true;
  }
}

let made: FakeSession[];
let states: string[];
let onState: (is: string) => unknown;

function makeReconnecting(lastId: string | null = null): ReconnectingSession<FakeSession> {
  return new ReconnectingSession<FakeSession>(
    {
      make: (replace, onLost) => {
        made.push(new FakeSession(replace, onLost));
        return made[made.length - 1];
      },
      onChange: ({ is }) => {
        states.push(is);
        onState(is);
      },
    },
    lastId,
  );
}

beforeEach(() => {
  vi.useFakeTimers();
  made = [];
  states = [];
  onState = () => undefined;
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** What dispatches the page's events. */
function stubPage(): EventTarget {
  const page = new EventTarget();
  vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
  return page;
}

test("a lost session is followed by one that takes its room back", async () => {
  const reconnecting = makeReconnecting();
  reconnecting.start();
  await made[0].open("one");
  made[0].onLost(new MocastError("lost"));
  await vi.advanceTimersByTimeAsync(1000);
  await made[1].open("two");

  expect(made.map(({ replace }) => replace)).toEqual([null, "one"]);
  expect(states).toEqual(["live", "waiting", "connecting", "live"]);
  expect(reconnecting.session).toBe(made[1]);
});

test("a reload takes the room over from the session before it", () => {
  makeReconnecting("before").start();
  expect(made[0].replace).toBe("before");
});

test("a session that got an id but no connection is replaced, too", async () => {
  makeReconnecting().start();
  made[0].id = "half";
  await made[0].fail(new MocastError("no-path"));
  await vi.advanceTimersByTimeAsync(1000);
  expect(made[1].replace).toBe("half");
});

test("a close ends the session, forgets its id and starts nothing more", async () => {
  const reconnecting = makeReconnecting();
  reconnecting.start();
  await made[0].open("one");
  reconnecting.close();
  made[0].onLost(new MocastError("lost"));
  await vi.advanceTimersByTimeAsync(60_000);

  expect(made[0].isClosed).toBe(true);
  expect(reconnecting.id).toBeNull();
  expect(made).toHaveLength(1);
  expect(reconnecting.session).toBeNull();
});

test("a close while it waits ends the waiting", async () => {
  const reconnecting = makeReconnecting();
  reconnecting.start();
  await made[0].fail(new MocastError("unreachable"));
  reconnecting.close();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(made).toHaveLength(1);
});

test("a renewal puts a new session in the place of the present one", async () => {
  const reconnecting = makeReconnecting();
  reconnecting.start();
  await made[0].open("one");
  reconnecting.renew();
  made[0].onLost(new MocastError("lost"));
  await made[1].open("two");
  expect(made.map(({ replace, isClosed }) => [replace, isClosed])).toEqual([
    [null, true],
    ["one", false],
  ]);
  expect(states).toEqual(["live", "connecting", "live"]);
});

test("a renewal of a session that is still on its way takes its place, too", async () => {
  const reconnecting = makeReconnecting();
  reconnecting.start();
  made[0].id = "half";
  reconnecting.renew();
  await made[0].fail(new MocastError("lost"));
  await made[1].open("two");
  expect(made.map(({ replace }) => replace)).toEqual([null, "half"]);
  expect(reconnecting.session).toBe(made[1]);
});

test("the network's return connects at once", async () => {
  const page = stubPage();
  makeReconnecting().start();
  for (let round = 0; round < 6; round += 1) {
    await made[made.length - 1].fail(new MocastError("unreachable"));
    if (round < 5) await vi.advanceTimersByTimeAsync(10_000);
  }
  const before = made.length;
  page.dispatchEvent(new Event("online"));
  expect(made).toHaveLength(before + 1);
});

test("a session ends with its page, and comes back with one that the browser had kept", async () => {
  const page = stubPage();
  const reconnecting = makeReconnecting();
  reconnecting.start();
  await made[0].open("one");
  page.dispatchEvent(new Event("pagehide"));
  expect(made[0].isClosed).toBe(true);
  page.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: false }));
  expect(made).toHaveLength(1);
  page.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: true }));
  expect(made.map(({ replace }) => replace)).toEqual([null, "one"]);

  reconnecting.close();
  page.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: true }));
  expect(made).toHaveLength(2);
});

test("a listener that closes it while it connects again has the last word", async () => {
  const reconnecting = makeReconnecting();
  reconnecting.start();
  await made[0].open("one");
  onState = (is) => is === "connecting" && reconnecting.close();
  reconnecting.renew();
  expect(made).toHaveLength(1);
  expect(reconnecting.state.is).toBe("closed");
});
