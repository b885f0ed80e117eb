import type { AllSettings, AnalysisFrame, ExerciseState, Publisher } from "mocast-client";
import type { Store } from "./Store";
import { StreamSubscription } from "./StreamSubscription";

/** The analysis that the text in the picture (`hud`) tells; received only while this page writes it. */
export class HudAnalysis {
  private readonly analyses: StreamSubscription<"analysis">;
  private frame: AnalysisFrame | null = null;
  private end: (() => void) | null = null;

  constructor(publisher: Store<Pick<Publisher, "on"> | null>) {
    this.analyses = new StreamSubscription("analysis", publisher);
  }

  /** Receive analyses from now on where they are needed, or no longer. */
  update(isDrawnHere: boolean, { hud, hud_angles, exercises }: AllSettings): void {
    const isNeeded = isDrawnHere && hud && hud_angles.length + exercises.length > 0;
    if (isNeeded === (this.end !== null)) return;
    this.end?.();
    this.frame = null;
    this.end = isNeeded ? this.analyses.listen((frame) => this.take(frame)) : null;
  }

  /** Joint angles and counts of exercises, as the server writes them: of the first person. */
  texts({ hud_angles, exercises }: AllSettings): readonly string[] {
    const { frame } = this;
    const angles = hud_angles.map((name) => {
      const degrees = frame?.angles?.[name].degrees;
      return `${name.replaceAll("_", " ")} ${degrees?.toFixed(0) ?? "-"}`;
    });
    const counted = frame?.repetitions.filter(({ exercise }) => exercises.includes(exercise)) ?? [];
    return [...angles, ...counted.map(count)];
  }

  private take(frame: AnalysisFrame): void {
    if (frame.person === 0) this.frame = frame;
  }
}

/** An exercise's name with its repetitions, or for how long it is held. */
function count({ exercise, phase, count, seconds }: ExerciseState): string {
  return `${exercise.replaceAll("_", " ")} ${phase === "held" ? `${seconds.toFixed(0)} s` : count}`;
}
