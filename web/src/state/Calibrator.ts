import { type Calibration, MocastError, type Publisher, publishOptions } from "mocast-client";
import { Failure } from "../Failure";
import { storage } from "../storage/storage";
import type { Phase } from "./LiveController";
import { Store } from "./Store";

/** What the calibrator needs of `LiveController`. */
interface Live {
  readonly phase: Store<Phase>;
  readonly publisher: Store<Pick<Publisher, "calibrate" | "setCalibration" | "on"> | null>;
}

/** What the person is asked to do. */
export type Step = "rest" | "eyes" | "mouth" | "smile" | "pucker" | "t-pose";

export type Measurement =
  | { readonly is: "idle" }
  /** Time to get ready for the first step, in whole seconds. */
  | { readonly is: "counting"; readonly leftS: number; readonly step: Step }
  | { readonly is: "measuring"; readonly step: Step; readonly seconds: number }
  /** Too little was seen: the server measures once more, from the rest on. */
  | { readonly is: "again" }
  | { readonly is: "done" }
  | { readonly is: "failed"; readonly failure: Failure };

interface Exercise {
  /** Time to relax the face; for the T-pose, to step back from the desk. */
  readonly readyS: number;
  /** With their seconds. The server takes the first two for the rest, and those after it for the face's range. */
  readonly steps: readonly (readonly [Step, number])[];
}

const FACE: Exercise = {
  readyS: 3,
  steps: [
    ["rest", 2.4],
    ["eyes", 2.2],
    ["mouth", 1.8],
    ["smile", 1.8],
    ["pucker", 1.8],
  ],
};
const T_POSE: Exercise = { readyS: 6, steps: [["t-pose", 2]] };

/** Allowance for the last frame's way to the server and the answer's way back. */
const ANSWER_MS = 1500;

/** HTTP's status of what a server can do nothing with (RFC 9110, section 15.5.21). */
const UNPROCESSABLE = 422;

/** By person. */
type Calibrations = readonly (Calibration | null)[];

/** Has the server measure a person, stores the result in the browser, and gives it to every session that starts. */
export class Calibrator {
  readonly measurement = new Store<Measurement>({ is: "idle" });
  /** What was measured, here or on another day. */
  readonly calibrations = new Store<Calibrations>(
    Array.from({ length: publishOptions.people.maximum }, (_, person) =>
      storage.load<Calibration>(keyOf(person)),
    ),
  );
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** Counts measurements and cancellations: an answer of an earlier one changes nothing. */
  private generation = 0;
  /** Whom `measurement` is about. */
  private person = 0;

  constructor(private readonly live: Live) {
    live.phase.watch(() => this.onPhase());
    live.publisher.watch(() => this.onPublisher());
  }

  start(tPose: boolean, person = 0): void {
    const isRunning = ["counting", "measuring", "again"].includes(this.measurement.value.is);
    if (isRunning || this.live.phase.value.is !== "live") return;
    const exercise = tPose ? T_POSE : FACE;
    this.person = person;
    this.countDown(exercise, person, exercise.readyS);
  }

  /** Cancel, or dismiss the result. */
  close(): void {
    clearTimeout(this.timer);
    this.generation += 1;
    this.measurement.set({ is: "idle" });
  }

  /** Forget what was measured of a person, and cancel what is; another person's measurement goes on. */
  reset(person = 0): void {
    this.save(null, person);
    if (person === this.person) this.close();
    this.send(null, person);
  }

  private countDown(exercise: Exercise, person: number, leftS: number): void {
    if (leftS === 0) return void this.measure(exercise, person);
    this.measurement.set({ is: "counting", leftS, step: exercise.steps[0][0] });
    this.timer = setTimeout(() => this.countDown(exercise, person, leftS - 1), 1000);
  }

  private async measure(exercise: Exercise, person: number): Promise<void> {
    this.generation += 1;
    const { generation } = this;
    const seconds = exercise.steps.reduce((sum, [, ownS]) => sum + ownS, 0);
    const measured = this.live.publisher.value?.calibrate(seconds, exercise === T_POSE, person);
    this.instruct(exercise.steps);
    try {
      const found = await measured;
      if (generation === this.generation && found) this.finish(found, exercise, person);
      // Cancelled, but the server went on measuring and uses what it found.
      else this.send(this.calibrations.value[person], person);
    } catch (error) {
      if (generation === this.generation) this.fail(error);
    }
  }

  /** Show one step after the other; the server's answer ends it. */
  private instruct([first, ...others]: Exercise["steps"]): void {
    if (!first) {
      this.measurement.set({ is: "again" });
      return;
    }
    const [step, seconds] = first;
    this.measurement.set({ is: "measuring", step, seconds });
    const untilMs = seconds * 1000 + (others.length === 0 ? ANSWER_MS : 0);
    this.timer = setTimeout(() => this.instruct(others), untilMs);
  }

  private finish(found: Calibration, exercise: Exercise, person: number): void {
    clearTimeout(this.timer);
    const before = this.calibrations.value[person];
    const calibration = before?.version === found.version ? merged(found, before, exercise) : found;
    this.save(calibration, person);
    this.send(calibration, person);
    this.measurement.set({ is: "done" });
  }

  private onPhase(): void {
    // Of a connection that is lost the stage tells already.
    if (this.live.phase.value.is !== "live" && this.measurement.value.is !== "idle") this.close();
  }

  /** Give a new session what there is; its client gives it to each connection. */
  private onPublisher(): void {
    this.live.publisher.value?.on("refused", ({ what, person, error }) => {
      if (what === "calibration") this.onRefused(error, person);
    });
    for (const [person, calibration] of this.calibrations.value.entries())
      if (calibration) this.send(calibration, person);
  }

  /** Have the session use a calibration: its next connection, while there is none. */
  private send(calibration: Calibration | null, person: number): void {
    this.live.publisher.value
      ?.setCalibration(calibration, person)
      .catch((error) => this.onRefused(error, person));
  }

  private onRefused(error: unknown, person: number): void {
    // Of a version that this server does not know any more: worth nothing now. Any other refusal is of the moment.
    if (error instanceof MocastError && error.status === UNPROCESSABLE) this.save(null, person);
  }

  private save(calibration: Calibration | null, person: number): void {
    this.calibrations.set(this.calibrations.value.with(person, calibration));
    storage.save(keyOf(person), calibration);
  }

  private fail(error: unknown): void {
    clearTimeout(this.timer);
    const failure = Failure.from(error);
    this.measurement.set({ is: "failed", failure });
  }
}

/** The calibration with the part that the exercise measures, face or body; the other part stays as it was. */
function merged(found: Calibration, before: Calibration, exercise: Exercise): Calibration {
  if (exercise === T_POSE) return { ...found, face: before.face ?? found.face };
  return { ...found, body: before.body };
}

/** Where a person's calibration is stored. */
function keyOf(person: number): string {
  return person === 0 ? "calibration" : `calibration-${person}`;
}
