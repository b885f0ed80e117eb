import { type CustomGesture, MocastError, type Publisher, type Settings } from "mocast-client";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { featureCount } from "../../src/gestures/features";
import { GestureLibrary } from "../../src/state/GestureLibrary";
import type { Phase } from "../../src/state/LiveController";
import { Store } from "../../src/state/Store";
import { tellGestures } from "../../src/state/tellGestures";
import { stubStorage } from "../stubStorage";

const shape = (value: number) => Array.from({ length: featureCount }, () => value);
const hand = (features: number[] | null) => ({ gesture: null, confidence: 0, pinch: 0, features });

let stored: Map<string, string>;

/** A live session that notes what it is told. */
function fakeLive() {
  const live = {
    phase: new Store<Phase>({ is: "live" }),
    changes: [] as Settings[],
    told: [] as (readonly CustomGesture[])[],
    refusal: null as MocastError | null,
    change: (settings: Settings) => void live.changes.push(settings),
    session: {
      async setGestures(gestures: readonly CustomGesture[]) {
        live.told.push(gestures);
        if (live.refusal) throw live.refusal;
      },
    },
  };
  return live;
}

/** Record a gesture of which a right hand shows so many examples, and a left one a few. */
async function record(library: GestureLibrary, name: string, value: number, examples = 60) {
  library.record(name, false);
  await vi.advanceTimersByTimeAsync(3100);
  for (let at = 0; at < examples; at += 1)
    library.observe({ right_hand: hand(shape(value)), left_hand: at < 5 ? hand(shape(-1)) : null });
  await vi.advanceTimersByTimeAsync(3000);
}

beforeEach(() => {
  vi.useFakeTimers();
  stored = stubStorage();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("a gesture is made of what the hand shows after a countdown, kept, and told to the session", async () => {
  const live = fakeLive();
  const library = new GestureLibrary(live);
  const seen: string[] = [];
  library.recording.watch(() => {
    const now = library.recording.value;
    seen.push(now.is === "counting" ? `${now.leftS}` : now.is);
  });
  library.observe({ left_hand: null, right_hand: hand(shape(9)) });
  await record(library, "spock", 0.5);
  expect(seen).toEqual(["3", "2", "1", "recording", "idle"]);
  expect(library.gestures.value).toMatchObject([{ name: "spock", features: shape(0.5), hand: "any" }]);
  expect(live.told).toEqual([library.gestures.value]);
  expect(live.changes).toEqual([{ hand_features: true }, { hand_features: false }]);
  expect(new GestureLibrary(fakeLive()).gestures.value).toEqual(library.gestures.value);
});

test("a second recording of the same name replaces the first", async () => {
  const library = new GestureLibrary(fakeLive());
  await record(library, "spock", 0.5);
  await record(library, "spock", 0.25);
  expect(library.gestures.value).toMatchObject([{ name: "spock", features: shape(0.25) }]);
});

test("every session that starts is told the gestures that there are", async () => {
  const live = fakeLive();
  const publisher = new Store<Publisher | null>(null);
  tellGestures({ publisher });
  const start = () => publisher.set({ ...live.session } as unknown as Publisher);
  start();
  expect(live.told).toEqual([]);
  const library = new GestureLibrary(live);
  await record(library, "spock", 0.5);
  start();
  expect(live.told).toEqual([library.gestures.value, library.gestures.value]);
  live.phase.set({ is: "connecting", attempt: 0 });
  library.remove("spock");
  expect(live.told.at(-1)).toEqual([]);
  start();
  expect(live.told).toHaveLength(3);
});

test("where no hand was seen it says so, and keeps nothing", async () => {
  const live = fakeLive();
  const library = new GestureLibrary(live);
  await record(library, "spock", 0.5, 9);
  expect(library.recording.value).toMatchObject({ is: "failed", reason: expect.stringContaining("No hand") });
  expect([library.gestures.value, live.told]).toEqual([[], []]);
  expect(live.changes.at(-1)).toEqual({ hand_features: false });
});

test("a session that ends, ends the recording", async () => {
  const live = fakeLive();
  const library = new GestureLibrary(live);
  library.record("spock", false);
  live.phase.set({ is: "idle" });
  expect(library.recording.value.is).toBe("idle");
  await vi.advanceTimersByTimeAsync(10_000);
  expect(library.gestures.value).toEqual([]);
});

test("what one browser exports another imports, and known names are replaced", async () => {
  const library = new GestureLibrary(fakeLive());
  await record(library, "spock", 0.5);
  const file = library.toFile();
  const other = new GestureLibrary(fakeLive());
  await record(other, "spock", 0.1);
  await record(other, "own", 0.2);
  await other.load(file);
  expect(other.gestures.value.map(({ name, features }) => [name, features[0]])).toEqual([
    ["own", 0.2],
    ["spock", 0.5],
  ]);
  await other.load(new File(["{"], "broken.json"));
  expect(other.recording.value).toEqual({ is: "failed", reason: "This file holds no gestures." });
  expect(other.gestures.value).toHaveLength(2);
});

test("what the server refuses is said in its words", async () => {
  const live = fakeLive();
  live.refusal = new MocastError("refused", "Too many gestures.");
  const library = new GestureLibrary(live);
  await record(library, "spock", 0.5);
  expect(library.recording.value).toEqual({ is: "failed", reason: "Too many gestures." });
});

test("what an older version or a stranger stored is passed over", () => {
  stored.set("mocast.gestures", JSON.stringify([{ name: "broken" }, 7, null]));
  expect(new GestureLibrary(fakeLive()).gestures.value).toEqual([]);
});
