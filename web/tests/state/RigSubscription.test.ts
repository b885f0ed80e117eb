import { expect, test } from "vitest";
import type { Phase } from "../../src/state/LiveController";
import { RigSubscription } from "../../src/state/RigSubscription";
import { Store } from "../../src/state/Store";

function fakeLive() {
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
  const live = fakeLive();
  const subscription = new RigSubscription(live);
  const seen: ArrayBuffer[] = [];
  live.phase.set({ is: "live" });
  expect(live.channels).toEqual([]);
  const end = subscription.listen((message) => seen.push(message));
  const message = new ArrayBuffer(1);
  live.channels[0].send(message);
  expect(seen).toEqual([message]);
  end();
  expect(live.channels.map(({ isOpen }) => isOpen)).toEqual([false]);
});

test("each session has a channel of its own", () => {
  const live = fakeLive();
  new RigSubscription(live).listen(() => undefined);
  live.phase.set({ is: "live" });
  live.phase.set({ is: "connecting", attempt: 0 });
  live.phase.set({ is: "live" });
  expect(live.channels.map(({ isOpen }) => isOpen)).toEqual([false, true]);
});
