import { type Calibration, MocastError, type Publisher, type Refusal } from "mocast-client";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Calibrator } from "../../src/state/Calibrator";
import type { Phase } from "../../src/state/LiveController";
import { Store } from "../../src/state/Store";
import { stubStorage } from "../stubStorage";

const FACE: Calibration = { version: 1, face: { neutral: "mine" }, body: null };
const BODY: Calibration = { version: 1, face: { neutral: "from afar" }, body: { arms: "mine" } };

let stored: Map<string, string>;

/** A page whose session has a server that measures when the test says so. */
function fakeLive() {
  const asked: [seconds: number, tPose: boolean, person: number][] = [];
  const given: (Calibration | null)[] = [];
  /** Whose each of these is. */
  const givenTo: number[] = [];
  const answer = { resolve: (_found: Calibration) => {}, reject: (_failure: MocastError) => {} };
  const refusals = new Set<(refusal: Refusal) => void>();
  const newSession = () =>
    ({
      on(_name: string, listener: (refusal: Refusal) => void) {
        refusals.add(listener);
        return () => refusals.delete(listener);
      },
      calibrate(...of: (typeof asked)[number]) {
        asked.push(of);
        return new Promise<Calibration | null>((resolve, reject) =>
          Object.assign(answer, { resolve, reject }),
        );
      },
      async setCalibration(calibration: Calibration | null, person: number) {
        given.push(calibration);
        givenTo.push(person);
      },
    }) as unknown as Publisher;
  const phase = new Store<Phase>({ is: "live" });
  const publisher = new Store<Publisher | null>(newSession());
  const start = () => publisher.set(newSession());
  return { phase, publisher, asked, given, givenTo, answer, refusals, start };
}

const settle = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => {
  vi.useFakeTimers();
  stored = stubStorage();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("after a countdown it asks for the rest first, then for the face's range, while the server measures", async () => {
  const live = fakeLive();
  const calibrator = new Calibrator(live);
  const seen: string[] = [];
  calibrator.measurement.watch(() => {
    const now = calibrator.measurement.value;
    seen.push(now.is === "counting" ? `${now.leftS}` : now.is === "measuring" ? now.step : now.is);
  });
  calibrator.start(false);
  await vi.advanceTimersByTimeAsync(13_000);
  live.answer.resolve(FACE);
  await settle();
  expect(seen).toEqual(["3", "2", "1", "rest", "eyes", "mouth", "smile", "pucker", "done"]);
  expect(live.asked).toEqual([[10, false, 0]]);
  expect(calibrator.calibrations.value[0]).toEqual(FACE);
});

test("what was measured is given to each session once, also after the page was opened anew: its client restores it", async () => {
  const first = fakeLive();
  const calibrator = new Calibrator(first);
  calibrator.start(false);
  await vi.advanceTimersByTimeAsync(3000);
  first.answer.resolve(FACE);
  await settle();
  first.phase.set({ is: "connecting", attempt: 0 });
  first.phase.set({ is: "live" });
  expect(first.given).toEqual([FACE]);
  first.start();
  expect(first.given).toEqual([FACE, FACE]);

  const second = fakeLive();
  new Calibrator(second);
  second.start();
  expect(second.given).toEqual([FACE]);

  // The client gives the next connection what it was given last.
  first.phase.set({ is: "connecting", attempt: 0 });
  calibrator.reset();
  expect(first.given.at(-1)).toBeNull();
});

test("the T-pose adds the body and leaves the face, and a new face leaves the body", async () => {
  const live = fakeLive();
  const calibrator = new Calibrator(live);
  for (const [tPose, found] of [
    [false, FACE],
    [true, BODY],
    [false, { ...FACE, face: { neutral: "newer" } }],
  ] as const) {
    calibrator.start(tPose);
    await vi.advanceTimersByTimeAsync(6000);
    live.answer.resolve(found);
    await settle();
    calibrator.close();
  }
  expect(live.asked.map(([, tPose]) => tPose)).toEqual([false, true, false]);
  expect(live.given.at(-2)).toEqual({ ...BODY, face: FACE.face });
  expect(calibrator.calibrations.value[0]).toEqual({ ...BODY, face: { neutral: "newer" } });
});

test("a measurement that was cancelled changes nothing, whenever the server's answer comes", async () => {
  const live = fakeLive();
  const calibrator = new Calibrator(live);
  calibrator.start(false);
  await vi.advanceTimersByTimeAsync(4000);
  calibrator.close();
  live.answer.resolve(FACE);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(calibrator.measurement.value).toEqual({ is: "idle" });
  expect(calibrator.calibrations.value[0]).toBeNull();
  expect(live.given).toEqual([null]);
});

test("a server that starts over is waited for, and one that cannot measure says why", async () => {
  const live = fakeLive();
  const calibrator = new Calibrator(live);
  calibrator.start(false);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(calibrator.measurement.value).toEqual({ is: "again" });
  const error = new MocastError("refused", "no face is seen to calibrate");
  live.answer.reject(error);
  await settle();
  expect(calibrator.measurement.value).toMatchObject({
    is: "failed",
    failure: { kind: error.kind, detail: error.detail },
  });
});

test("a session that is lost ends the countdown and the measurement, without a word over what the stage says", async () => {
  const live = fakeLive();
  const calibrator = new Calibrator(live);
  calibrator.start(false);
  live.phase.set({ is: "idle" });
  await vi.advanceTimersByTimeAsync(20_000);
  expect(calibrator.measurement.value).toEqual({ is: "idle" });
  expect(live.asked).toEqual([]);

  live.phase.set({ is: "live" });
  calibrator.start(false);
  await vi.advanceTimersByTimeAsync(4000);
  expect(calibrator.measurement.value).toMatchObject({ is: "measuring" });
  live.answer.reject(new MocastError("lost"));
  live.phase.set({ is: "connecting", attempt: 1 });
  await vi.advanceTimersByTimeAsync(20_000);
  expect(calibrator.measurement.value).toEqual({ is: "idle" });
});

test("a calibration that the server can do nothing with is forgotten, and kept where it is refused for another reason", async () => {
  stored.set("mocast.calibration", JSON.stringify(FACE));
  const live = fakeLive();
  const calibrator = new Calibrator(live);
  const kept: unknown[] = [];
  live.start();
  const refuse = (what: Refusal["what"], person: number, status: number) => {
    const error = new MocastError("refused", "no", { status });
    for (const listener of live.refusals) listener({ what, person, error });
    kept.push(calibrator.calibrations.value[0]);
  };
  refuse("calibration", 0, 404);
  refuse("gestures", 0, 422);
  refuse("calibration", 1, 422);
  refuse("calibration", 0, 422);
  expect(kept).toEqual([FACE, FACE, FACE, null]);
  expect(stored.get("mocast.calibration")).toBe("null");
});

test("a reset is told to the server", () => {
  stored.set("mocast.calibration", JSON.stringify(FACE));
  const live = fakeLive();
  const calibrator = new Calibrator(live);
  calibrator.reset();
  expect(live.given).toEqual([null]);
  expect(calibrator.calibrations.value[0]).toBeNull();
});

test("a reset of one person leaves the measurement of another one alone, and cancels its own", async () => {
  stored.set("mocast.calibration-1", JSON.stringify(FACE));
  const live = fakeLive();
  const calibrator = new Calibrator(live);
  calibrator.start(false, 0);
  await vi.advanceTimersByTimeAsync(4000);
  calibrator.reset(1);
  expect(calibrator.measurement.value).toMatchObject({ is: "measuring" });
  expect(calibrator.calibrations.value[1]).toBeNull();
  live.answer.resolve(BODY);
  await settle();
  expect(calibrator.calibrations.value[0]).toEqual(BODY);
  calibrator.close();
  calibrator.start(false, 1);
  calibrator.reset(1);
  expect(calibrator.measurement.value).toEqual({ is: "idle" });
});

test("each person has a calibration of their own, which is kept, given to their index alone, and forgotten alone", async () => {
  const live = fakeLive();
  const calibrator = new Calibrator(live);
  for (const [person, found] of [
    [1, FACE],
    [0, BODY],
  ] as const) {
    calibrator.start(false, person);
    await vi.advanceTimersByTimeAsync(3000);
    live.answer.resolve(found);
    await settle();
    calibrator.close();
  }
  expect(live.asked.map(([, , person]) => person)).toEqual([1, 0]);
  expect(calibrator.calibrations.value.slice(0, 2)).toEqual([BODY, FACE]);

  const next = fakeLive();
  const later = new Calibrator(next);
  next.start();
  later.reset(1);
  expect([next.given, next.givenTo]).toEqual([
    [BODY, FACE, null],
    [0, 1, 1],
  ]);
  expect(new Calibrator(next).calibrations.value).toEqual([BODY, null, null, null]);
});
