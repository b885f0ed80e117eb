import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { stubBrowser } from "../../packages/client/tests/fakePeers";
import { LiveController } from "../../src/state/LiveController";
import { parsePageQuery } from "../../src/state/parsePageQuery";
import { stubStorage } from "../stubStorage";

/** A camera's track that runs until it is stopped. */
class FakeTrack extends EventTarget {
  readonly kind = "video";
  readyState = "live";

  getSettings(): object {
    return {};
  }

  stop(): void {
    this.readyState = "ended";
  }
}

let browser: ReturnType<typeof stubBrowser>;
let tracks: FakeTrack[];

async function getUserMedia(): Promise<unknown> {
  const track = new FakeTrack();
  tracks.push(track);
  return { getVideoTracks: () => [track] };
}

beforeEach(() => {
  vi.useFakeTimers();
  browser = stubBrowser();
  tracks = [];
  stubStorage();
  stubStorage("sessionStorage");
  vi.stubGlobal("isSecureContext", true);
  vi.stubGlobal("location", new URL("https://h/"));
  vi.stubGlobal("addEventListener", () => undefined);
  vi.stubGlobal("navigator", { mediaDevices: { getUserMedia, enumerateDevices: async () => [] } });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("a start that is stopped while the page's drawing is loaded begins nothing, and the next one a single session", async () => {
  const live = new LiveController(parsePageQuery(new URLSearchParams("room=studio")));
  const loaded: (() => void)[] = [];
  vi.spyOn(live.own, "prepare").mockImplementation(() => new Promise((resolve) => loaded.push(resolve)));
  void live.start();
  await vi.advanceTimersByTimeAsync(0);
  expect(live.source.stream).not.toBeNull();
  live.stop();
  void live.start();
  await vi.advanceTimersByTimeAsync(0);
  for (const resolve of loaded) resolve();
  await vi.advanceTimersByTimeAsync(0);
  expect(tracks.map(({ readyState }) => readyState)).toEqual(["ended", "live"]);
  expect(browser.peers).toHaveLength(1);

  live.stop();
  void live.start();
  await vi.advanceTimersByTimeAsync(0);
  live.stop();
  loaded.at(-1)?.();
  await vi.advanceTimersByTimeAsync(0);
  expect([live.phase.value, live.failure.value]).toEqual([{ is: "idle" }, null]);
  expect(browser.peers).toHaveLength(1);
});
