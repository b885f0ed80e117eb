import type { AllSettings, AnalysisFrame, Publisher } from "mocast-client";
import { expect, test } from "vitest";
import { defaultSettings } from "../../src/state/defaultSettings";
import { HudAnalysis } from "../../src/state/HudAnalysis";
import { Store } from "../../src/state/Store";

function settings(change: Partial<AllSettings>): AllSettings {
  return { ...defaultSettings, hud: true, ...change };
}

/** A session, and who listens to its analyses. */
function fakePublisher() {
  const listeners = new Set<(frame: AnalysisFrame) => void>();
  const on = (_: string, listener: (frame: AnalysisFrame) => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  return { listeners, session: { on } as unknown as Publisher };
}

function frame(person: number, knee: number | null): AnalysisFrame {
  const state = { progress: 0, partial: 0, last: null };
  return {
    person,
    angles: { left_knee: { degrees: knee }, neck: { degrees: null } },
    repetitions: [
      { ...state, exercise: "jumping_jack", phase: "out", count: 3, seconds: 0 },
      { ...state, exercise: "plank", phase: "held", count: 1, seconds: 12.4 },
      { ...state, exercise: "squat", phase: "start", count: 7, seconds: 0 },
    ],
  } as unknown as AnalysisFrame;
}

test("analyses are received while the figures show some and this page draws them", () => {
  const { listeners, session } = fakePublisher();
  const hud = new HudAnalysis(new Store<Publisher | null>(session));
  const received = (isDrawnHere: boolean, change: Partial<AllSettings>) => {
    hud.update(isDrawnHere, settings(change));
    return listeners.size;
  };
  expect(received(true, {})).toBe(0);
  expect(received(true, { hud_angles: ["neck"] })).toBe(1);
  expect(received(true, { exercises: ["squat"] })).toBe(1);
  expect(received(false, { exercises: ["squat"] })).toBe(0);
  expect(received(true, { hud: false, exercises: ["squat"] })).toBe(0);
});

test("angles and counts are written as the server writes them, of the first person", () => {
  const { listeners, session } = fakePublisher();
  const hud = new HudAnalysis(new Store<Publisher | null>(session));
  const shown = settings({ hud_angles: ["left_knee", "neck"], exercises: ["jumping_jack", "plank"] });
  hud.update(true, shown);
  expect(hud.texts(shown)).toEqual(["left knee -", "neck -"]);
  for (const listener of listeners) listener(frame(0, 92.4));
  for (const listener of listeners) listener(frame(1, 10));
  expect(hud.texts(shown)).toEqual(["left knee 92", "neck -", "jumping jack 3", "plank 12 s"]);
});
