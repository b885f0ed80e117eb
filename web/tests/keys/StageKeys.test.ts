import { afterEach, expect, test, vi } from "vitest";
import type { KeptPose } from "../../src/avatar/KeptPose";
import { StageKeys } from "../../src/keys/StageKeys";
import { stubStorage } from "../stubStorage";

const held: (string | null)[] = [];
const host = {
  rotations: Float32Array.from({ length: 220 }, (_, i) => i / 1000),
  holdPose: (pose: KeptPose | null) => void held.push(pose?.name ?? null),
  toggleExpression: () => undefined,
};

/** A browser with nothing stored, and one MIDI device. */
function openBrowser() {
  stubStorage();
  const pads = { name: "Pads", state: "connected", onmidimessage: (_: { data: Uint8Array }) => undefined };
  const requestMIDIAccess = async () => ({ inputs: new Map([["1", pads]]), onstatechange: null });
  vi.stubGlobal("navigator", { requestMIDIAccess });
  return {
    keys: new StageKeys(() => host),
    press: (note: number) => pads.onmidimessage({ data: Uint8Array.of(0x90, note, 100) }),
  };
}

afterEach(() => vi.unstubAllGlobals());

test("poses and keys go to another browser by a file, and on from there; another file changes nothing", async () => {
  const { keys, press } = openBrowser();
  keys.poses.keep("arms");
  keys.poses.keep("body");
  keys.poses.setKeys("while-down");
  await keys.midi.switchOn();
  keys.midi.learn("pose 1");
  press(36);
  const text = keys.write();

  const obs = openBrowser();
  await expect(obs.keys.read('{"type": "mocast-gestures"}')).rejects.toThrow(
    "This file holds no poses and keys.",
  );
  await expect(obs.keys.read(text.replace('"version":1', '"version":2'))).rejects.toThrow("another version");
  expect(obs.keys.poses.poses.value).toEqual([]);
  await obs.keys.read(text);
  obs.press(36);
  expect(held.at(-1)).toBe("Pose 2");
  expect(obs.keys.write()).toBe(text);
  // What it wrote is kept for the next visit.
  expect(new StageKeys(() => host).poses.poses.value).toEqual(keys.poses.poses.value);
});

test("a browser that gives no MIDI keeps the rest of the file, and says so", async () => {
  const { keys } = openBrowser();
  keys.poses.keep("arms");
  await keys.midi.switchOn();
  const text = keys.write();
  stubStorage();
  vi.stubGlobal("navigator", {});
  const obs = new StageKeys(() => host);
  await expect(obs.read(text)).rejects.toThrow("gives no MIDI devices");
  expect(obs.poses.poses.value).toHaveLength(1);
});

test("what another page of this browser keeps is known here, too, and not saved over, while the keyboard is not listened to", () => {
  let onStorage = (_: { key: string }) => {};
  vi.stubGlobal("addEventListener", (_: string, listener: typeof onStorage) => {
    onStorage = listener;
  });
  const { keys } = openBrowser();
  keys.follow();
  new StageKeys(() => host).poses.keep("body");
  onStorage({ key: "mocast.poses" });
  keys.poses.keep("arms");
  expect(new StageKeys(() => host).poses.poses.value.map(({ part }) => part)).toEqual(["body", "arms"]);
});
