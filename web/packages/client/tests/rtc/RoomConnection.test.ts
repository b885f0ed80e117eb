import { expect, test, vi } from "vitest";
import { RoomConnection } from "../../src/rtc/RoomConnection";
import { Server } from "../../src/Server";
import { eachWithBrowser } from "../fakePeers";

const browser = eachWithBrowser();

/** Connect, and have what it fails with. */
function connect(onLost?: () => void): Promise<string> {
  const room = new RoomConnection({
    server: new Server("https://h"),
    room: "r",
    role: "publish",
    control: {},
    onLost,
  });
  return room.connect(new URLSearchParams()).then(
    () => "connected",
    (error) => error.kind,
  );
}

/** Have requests of this method go unanswered from now on. */
function hold(held: string) {
  const answer = fetch;
  vi.stubGlobal("fetch", (url: string, init: RequestInit) =>
    init.method === held ? new Promise(() => undefined) : answer(url, init),
  );
}

test("a server that never answers the offer has no time", async () => {
  hold("POST");
  const failure = connect();
  await vi.advanceTimersByTimeAsync(30_000);
  expect(await failure).toBe("server-full");
});

test("nothing gets through to a server that answers at once", async () => {
  const failure = connect();
  await vi.advanceTimersByTimeAsync(15_000);
  expect(await failure).toBe("no-path");
});

test("ICE that failed is told as soon as the server has answered", async () => {
  const failure = connect();
  await vi.advanceTimersByTimeAsync(0);
  const [peer] = browser.peers;
  peer.connectionState = "failed";
  peer.dispatchEvent(new Event("connectionstatechange"));
  expect(await failure).toBe("no-path");
});

test("a server whose checks succeeded, or that answers nothing, has no time", async () => {
  const reached = connect();
  await vi.advanceTimersByTimeAsync(0);
  browser.peers[0].iceConnectionState = "connected";
  const silent = connect();
  await vi.advanceTimersByTimeAsync(0);
  hold("OPTIONS");
  await vi.advanceTimersByTimeAsync(17_000);
  expect([await reached, await silent]).toEqual(["server-full", "server-full"]);
});

test("a connection that comes up while the server is asked why it did not stays", async () => {
  const onLost = vi.fn();
  const found = connect(onLost);
  await vi.advanceTimersByTimeAsync(0);
  hold("OPTIONS");
  await vi.advanceTimersByTimeAsync(15_000);
  browser.peers[0].channel("control")!.open();
  await vi.advanceTimersByTimeAsync(2000);
  expect(await found).toBe("connected");
  expect(onLost).not.toHaveBeenCalled();
});
