import type { Calibration } from "../rtc/Calibration";
import { Failure } from "../rtc/Failure";
import type { MocastSession } from "../rtc/MocastSession";
import { memory } from "./memory";
import { Store } from "./Store";
import type { Phase } from "./Studio";

/** What the calibrator needs of the studio. */
interface Live {
  readonly phase: Store<Phase>;
  readonly session: Pick<MocastSession, "calibrate" | "setCalibration"> | null;
}

export type Measurement =
  | { readonly is: "idle" }
  /** Time to get ready, in whole seconds. */
  | { readonly is: "counting"; readonly leftS: number; readonly tPose: boolean }
  | { readonly is: "measuring"; readonly seconds: number; readonly tPose: boolean }
  | { readonly is: "done" }
  | { readonly is: "failed"; readonly failure: Failure };

/** Long enough to relax the face; for the T-pose, to step back from the desk. */
const READY_S = { face: 3, tPose: 6 };
const MEASURE_S = 2;

/** Measures the person, keeps the result in the browser, and gives it to every session that starts. */
export class Calibrator {
  readonly measurement = new Store<Measurement>({ is: "idle" });
  /** What was measured, here or on another day. */
  readonly calibration = new Store<Calibration | null>(memory.recall<Calibration>("calibration"));
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly live: Live) {
    live.phase.watch(() => this.onPhase());
  }

  start(tPose: boolean): void {
    const { is } = this.measurement.value;
    if (is === "counting" || is === "measuring" || this.live.phase.value.is !== "live") return;
    this.count(tPose ? READY_S.tPose : READY_S.face, tPose);
  }

  /** Call the countdown off, or put the result away. */
  close(): void {
    if (this.measurement.value.is === "measuring") return;
    clearTimeout(this.timer);
    this.measurement.set({ is: "idle" });
  }

  /** Forget what was measured. */
  reset(): void {
    this.keep(null);
    this.close();
    this.give(null);
  }

  private count(leftS: number, tPose: boolean): void {
    if (leftS === 0) return void this.measure(tPose);
    this.measurement.set({ is: "counting", leftS, tPose });
    this.timer = setTimeout(() => this.count(leftS - 1, tPose), 1000);
  }

  private async measure(tPose: boolean): Promise<void> {
    const session = this.live.session;
    if (!session) return this.close();
    this.measurement.set({ is: "measuring", seconds: MEASURE_S, tPose });
    try {
      this.keep(await session.calibrate(MEASURE_S, tPose));
      this.measurement.set({ is: "done" });
    } catch (error) {
      this.fail(error);
    }
  }

  private onPhase(): void {
    const isLive = this.live.phase.value.is === "live";
    if (!isLive && this.measurement.value.is === "counting") this.close();
    if (isLive && this.calibration.value) this.give(this.calibration.value);
  }

  /** A session that is lost meanwhile is followed by one that gets it anyway. */
  private give(calibration: Calibration | null): void {
    if (this.live.phase.value.is !== "live") return;
    this.live.session?.setCalibration(calibration).catch((error) => {
      const isRefused = error instanceof Failure && error.kind === "refused";
      // Of a version that this server does not know any more: worth nothing now.
      if (isRefused) this.keep(null);
    });
  }

  private keep(calibration: Calibration | null): void {
    this.calibration.set(calibration);
    memory.keep("calibration", calibration);
  }

  private fail(error: unknown): void {
    const failure = error instanceof Failure ? error : new Failure("refused", String(error));
    this.measurement.set({ is: "failed", failure });
  }
}
