import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { subscribe } from "../../src/subscribe";
import { golden } from "../wire/golden";

/** A WebSocket that the test opens, and through which it says what a server would. */
class FakeSocket extends EventTarget {
  isClosed = false;

  constructor(
    readonly url: string,
    readonly protocols: string[],
  ) {
    super();
    sockets.push(this);
  }

  async open(): Promise<void> {
    this.dispatchEvent(new Event("open"));
    await settle();
  }

  receive(data: string): void {
    this.dispatchEvent(Object.assign(new Event("message"), { data }));
  }

  async end(code: number, reason = ""): Promise<void> {
    this.dispatchEvent(Object.assign(new Event("close"), { code, reason }));
    await settle();
  }

  close(): void {
    this.isClosed = true;
  }
}

let sockets: FakeSocket[];
const settle = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => {
  vi.useFakeTimers();
  sockets = [];
  vi.stubGlobal("WebSocket", FakeSocket);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const follow = (token = "") => subscribe("https://h", "studio", { transport: "websocket", token });

test("it is asked for what is listened to, with the token as a protocol", async () => {
  const session = follow("t");
  session.on("rig", () => undefined);
  await settle();
  expect(sockets[0].url).toBe("wss://h/v1/rooms/studio/landmarks?send=rig");
  expect(sockets[0].protocols).toEqual(["mocast.bearer", "t"]);
});

test("analyses and events are asked for and told apart, too", async () => {
  const session = subscribe("https://h", "studio", { transport: "websocket", events: ["rep"] });
  const seen: unknown[] = [];
  session.on("analysis", ({ frame }) => seen.push(frame));
  session.on("event", ({ type }) => seen.push(type));
  await settle();
  expect(sockets[0].url).toBe("wss://h/v1/rooms/studio/landmarks?send=analysis,events");
  await sockets[0].open();
  sockets[0].receive(golden.text("analysis-moving"));
  sockets[0].receive('{"type":"event","version":1,"room":"studio","missed":0,"event":{"type":"rep"}}');
  expect(seen).toEqual([1234, "rep"]);
});

test("rigs, landmarks and notices are told apart", async () => {
  const session = follow();
  const seen: unknown[] = [];
  session.on("landmarks", ({ pts }) => seen.push(pts));
  session.on("rig", ({ rotations }) => seen.push(rotations.length));
  session.on("notice", (notice) => seen.push(notice));
  await settle();
  await sockets[0].open();
  expect(session.state.is).toBe("live");
  sockets[0].receive(golden.text("landmarks-pose").replace("{", '{"type":"landmarks",'));
  sockets[0].receive(golden.text("rig-moving"));
  sockets[0].receive('{"type":"notice","notice":"draining","detail":"Soon."}');
  sockets[0].receive('{"type":"of the future"}');
  expect(seen).toEqual([golden.frame("landmarks-pose").pts, 220, { notice: "draining", detail: "Soon." }]);
});

test("another stream takes another socket", async () => {
  const session = follow();
  session.on("landmarks", () => undefined);
  await settle();
  await sockets[0].open();
  session.on("rig", () => undefined);
  await settle();
  expect(sockets[0].isClosed).toBe(true);
  expect(sockets.map(({ url }) => new URL(url).searchParams.get("send"))).toEqual([
    "landmarks",
    "landmarks,rig",
  ]);
});

test.each([
  [1001, "closed"],
  [3000, "closed"],
  [1006, "lost"],
])("a close with %i is %s, and it connects again", async (code, kind) => {
  const session = follow();
  await settle();
  await sockets[0].open();
  await sockets[0].end(code, "why");
  expect(session.state).toMatchObject({ is: "waiting", error: { kind, detail: "why" } });
  await vi.advanceTimersByTimeAsync(1000);
  expect(sockets).toHaveLength(2);
});

test("too many messages end it for good", async () => {
  const session = follow();
  await settle();
  await sockets[0].open();
  await sockets[0].end(1008);
  expect(session.state).toMatchObject({ is: "ended", error: { kind: "closed-for-good" } });
});

test.each([
  [403, "ended", "not-allowed"],
  [404, "waiting", "unreachable"],
  [503, "waiting", "server-full"],
])("why a socket does not open is asked of the server: %i", async (status, is, kind) => {
  vi.stubGlobal("fetch", async () => Response.json({ detail: "Why." }, { status }));
  const session = follow();
  await settle();
  await sockets[0].end(1006);
  expect(session.state).toMatchObject({ is, error: { kind } });
});

test("a close while it opens makes no call and no other socket", async () => {
  const fetch = vi.fn();
  vi.stubGlobal("fetch", fetch);
  const session = follow();
  await settle();
  session.close();
  await sockets[0].end(1006);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(sockets).toHaveLength(1);
  expect(fetch).not.toHaveBeenCalled();
});
