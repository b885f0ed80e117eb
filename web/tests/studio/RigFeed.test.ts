import { expect, test } from "vitest";
import { RigFeed } from "../../src/studio/RigFeed";
import { Store } from "../../src/studio/Store";
import type { Phase } from "../../src/studio/Studio";

function studio() {
  const channels: { send(message: ArrayBuffer): void; isOpen: boolean }[] = [];
  const openRig = (onMessage: (message: ArrayBuffer) => void) => {
    const channel = { send: onMessage, isOpen: true };
    channels.push(channel);
    return () => {
      channel.isOpen = false;
    };
  };
  return { phase: new Store<Phase>({ is: "idle" }), session: { openRig }, channels };
}

test("a channel is open only while somebody looks and the session lives", () => {
  const live = studio();
  const feed = new RigFeed(live);
  const seen: ArrayBuffer[] = [];
  live.phase.set({ is: "live" });
  expect(live.channels).toEqual([]);
  const end = feed.follow((message) => seen.push(message));
  const message = new ArrayBuffer(1);
  live.channels[0].send(message);
  expect(seen).toEqual([message]);
  end();
  expect(live.channels.map(({ isOpen }) => isOpen)).toEqual([false]);
});

test("each session has a channel of its own", () => {
  const live = studio();
  new RigFeed(live).follow(() => undefined);
  live.phase.set({ is: "live" });
  live.phase.set({ is: "connecting", attempt: 0 });
  live.phase.set({ is: "live" });
  expect(live.channels.map(({ isOpen }) => isOpen)).toEqual([false, true]);
});
