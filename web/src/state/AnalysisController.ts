import type { AnalysisFrame, MotionEvent } from "mocast-client";
import { GestureLibrary } from "./GestureLibrary";
import type { LiveController } from "./LiveController";
import { Store } from "./Store";
import { StreamSubscription } from "./StreamSubscription";

/** Slow enough to read: analyses come up to 60 times a second. */
const REFRESH_MS = 100;
const EVENT_LIMIT = 50;

/** State and actions of the analysis page, over the live page's session. */
export class AnalysisController {
  /** The newest analysis, some ten times a second; `null` while there is none. */
  readonly frame: Store<AnalysisFrame | null>;
  /** What happened since the page was opened, the newest first. */
  readonly events = new Store<readonly MotionEvent[]>([]);
  readonly gestures: GestureLibrary;
  private readonly analyses: StreamSubscription<"analysis">;
  private readonly landmarks: StreamSubscription<"landmarks">;
  private shownAtMs = 0;

  constructor(readonly live: LiveController) {
    this.frame = live.analysis;
    this.gestures = new GestureLibrary(live);
    this.analyses = new StreamSubscription("analysis", live.publisher);
    this.landmarks = new StreamSubscription("landmarks", live.publisher);
  }

  /** Receive analyses until the returned function is called. */
  show(): () => void {
    const stop = this.analyses.listen((analysis) => this.take(analysis));
    return () => {
      stop();
      this.frame.set(null);
      this.gestures.cancel();
    };
  }

  /** Call `listener` with each frame's landmarks of the first person; returns the function that ends it. */
  follow(listener: Parameters<StreamSubscription<"landmarks">["listen"]>[0]): () => void {
    return this.landmarks.listen((frame) => frame.person === 0 && listener(frame));
  }

  /** Count the repetitions of this exercise, or no longer. */
  toggleExercise(name: string): void {
    const { exercises } = this.live.settings.value;
    const others = exercises.filter((other) => other !== name);
    this.live.change({ exercises: others.length < exercises.length ? others : [...exercises, name] });
  }

  /** Begin counts and ranges of motion anew. */
  reset(): void {
    // What ended the session is shown as its failure.
    this.live.session?.resetAnalysis().catch(() => undefined);
  }

  clearEvents(): void {
    this.events.set([]);
  }

  private take(analysis: AnalysisFrame): void {
    if (analysis.person !== 0) return;
    this.gestures.observe(analysis);
    if (analysis.events.length > 0)
      this.events.update((before) => [...analysis.events].reverse().concat(before).slice(0, EVENT_LIMIT));
    const nowMs = performance.now();
    if (nowMs - this.shownAtMs < REFRESH_MS && this.frame.value) return;
    this.shownAtMs = nowMs;
    this.frame.set(analysis);
  }
}
