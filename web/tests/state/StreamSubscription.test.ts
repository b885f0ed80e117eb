import { makeRigFrame, type Publisher, type RigFrame } from "mocast-client";
import { expect, test } from "vitest";
import { Store } from "../../src/state/Store";
import { StreamSubscription } from "../../src/state/StreamSubscription";

/** A session, and who listens to its rigs. */
function fakePublisher() {
  const listeners = new Set<(rig: RigFrame) => void>();
  const on = (name: string, listener: (rig: RigFrame) => void) => {
    expect(name).toBe("rig");
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  return { listeners, session: { on } as unknown as Publisher };
}

test("a session is listened to only while somebody looks", () => {
  const { listeners, session } = fakePublisher();
  const subscription = new StreamSubscription("rig", new Store<Publisher | null>(session));
  expect(listeners.size).toBe(0);
  const seen: RigFrame[] = [];
  const end = subscription.listen((rig) => seen.push(rig));
  const rig = makeRigFrame();
  for (const listener of listeners) listener(rig);
  expect(seen).toEqual([rig]);
  end();
  expect(listeners.size).toBe(0);
});

test("who looks listens to each session, one after the other", () => {
  const [first, second] = [fakePublisher(), fakePublisher()];
  const publisher = new Store<Publisher | null>(null);
  new StreamSubscription("rig", publisher).listen(() => undefined);
  publisher.set(first.session);
  expect(first.listeners.size).toBe(1);
  publisher.set(null);
  publisher.set(second.session);
  expect([first.listeners.size, second.listeners.size]).toEqual([0, 1]);
});
