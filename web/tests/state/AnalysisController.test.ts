import type { AnalysisFrame, MotionEvent, Publisher, Settings } from "mocast-client";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { AnalysisController } from "../../src/state/AnalysisController";
import type { LiveController, Phase } from "../../src/state/LiveController";
import { Store } from "../../src/state/Store";
import { stubStorage } from "../stubStorage";

const event = (count: number): MotionEvent => ({ type: "rep", pts: 0, at: "", person: 0, data: { count } });
const analysis = (frame: number, events: MotionEvent[] = [], person = 0) =>
  ({ frame, person, events }) as unknown as AnalysisFrame;

/** A live session, and who listens to its analyses. */
function fakeLive() {
  const listeners = new Set<(frame: AnalysisFrame) => void>();
  const session = {
    on(name: string, listener: (frame: AnalysisFrame) => void) {
      expect(name).toBe("analysis");
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const settings = new Store<Settings>({ exercises: [] });
  const live = {
    phase: new Store<Phase>({ is: "live" }),
    analysis: new Store<AnalysisFrame | null>(null),
    publisher: new Store(session as unknown as Publisher),
    settings,
    change: (change: Settings) => settings.update((before) => ({ ...before, ...change })),
  };
  const tell = (frame: AnalysisFrame) => listeners.forEach((listener) => void listener(frame));
  return { live, listeners, tell, controller: new AnalysisController(live as unknown as LiveController) };
}

beforeEach(() => {
  vi.useFakeTimers();
  stubStorage();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("analyses are asked for only while the page is shown", () => {
  const { controller, listeners, tell } = fakeLive();
  expect(listeners.size).toBe(0);
  const hide = controller.show();
  tell(analysis(1));
  expect(controller.frame.value?.frame).toBe(1);
  hide();
  expect([listeners.size, controller.frame.value]).toEqual([0, null]);
});

test("what is shown changes ten times a second, and no event is passed over", async () => {
  const { controller, tell } = fakeLive();
  controller.show();
  tell(analysis(1));
  tell(analysis(2, [event(1), event(2)]));
  expect(controller.frame.value?.frame).toBe(1);
  await vi.advanceTimersByTimeAsync(101);
  tell(analysis(3, [event(3)]));
  expect(controller.frame.value?.frame).toBe(3);
  expect(controller.events.value.map(({ data }) => data.count)).toEqual([3, 2, 1]);
});

test("another person's analyses are not shown", () => {
  const { controller, tell } = fakeLive();
  controller.show();
  tell(analysis(1, [event(1)], 1));
  expect([controller.frame.value, controller.events.value]).toEqual([null, []]);
});

test("exercises are counted and left out one by one", () => {
  const { controller, live } = fakeLive();
  controller.toggleExercise("squat");
  controller.toggleExercise("plank");
  expect(live.settings.value.exercises).toEqual(["squat", "plank"]);
  controller.toggleExercise("squat");
  expect(live.settings.value.exercises).toEqual(["plank"]);
});
