import { type AnalysisFrame, type CustomGesture, MocastError, type Publisher } from "mocast-client";
import { Failure } from "../Failure";
import { asGesture, mostGestures, readGestures, writeGestures } from "../gestures/gesturesFile";
import { makeGesture } from "../gestures/makeGesture";
import { storage } from "../storage/storage";
import type { LiveController, Phase } from "./LiveController";
import { Store } from "./Store";

/** What the library needs of `LiveController`. */
interface Live extends Pick<LiveController, "change"> {
  readonly phase: Store<Phase>;
  readonly session: Pick<Publisher, "setGestures"> | null;
}

export type GestureRecording =
  | { readonly is: "idle" }
  /** Time to raise the hand, in whole seconds. */
  | { readonly is: "counting"; readonly leftS: number }
  | { readonly is: "recording" }
  /** `reason`: one sentence. */
  | { readonly is: "failed"; readonly reason: string };

const READY_S = 3;
const RECORD_MS = 3000;

/** The person's own gestures: recorded here, kept by the browser, from where `tellGestures` tells them to each session. */
export class GestureLibrary {
  readonly gestures = new Store<readonly CustomGesture[]>(load());
  readonly recording = new Store<GestureRecording>({ is: "idle" });
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** The features of each hand that was seen while it records. */
  private examples = { left_hand: [] as number[][], right_hand: [] as number[][] };

  constructor(private readonly live: Live) {
    live.phase.watch(() => this.onPhase());
  }

  /** Count down, then take what either hand shows for a few seconds as the gesture of this name. */
  record(name: string, oriented: boolean): void {
    if (this.live.phase.value.is !== "live" || this.isBusy) return;
    if (this.gestures.value.filter((one) => one.name !== name).length >= mostGestures) {
      this.fail(`There are ${mostGestures} gestures already: delete one first.`);
      return;
    }
    // They cost 100 bytes a frame, so they are sent for these seconds alone.
    this.live.change({ hand_features: true });
    this.countDown(READY_S, () => this.take(name, oriented));
  }

  /** Stop, or dismiss what failed. */
  cancel(): void {
    this.end({ is: "idle" });
  }

  /** Take an analysis's hands as examples, while it records. */
  observe(analysis: Pick<AnalysisFrame, "left_hand" | "right_hand">): void {
    if (this.recording.value.is !== "recording") return;
    for (const hand of ["left_hand", "right_hand"] as const) {
      const features = analysis[hand]?.features;
      if (features) this.examples[hand].push([...features]);
    }
  }

  remove(name: string): void {
    this.save(this.gestures.value.filter((one) => one.name !== name));
  }

  /** All gestures as a file. */
  toFile(): File {
    return new File([writeGestures(this.gestures.value)], "gestures.json", { type: "application/json" });
  }

  /** Take the gestures of a file; those of a name that is known replace what was known. */
  async load(file: File): Promise<void> {
    try {
      const read = readGestures(await file.text());
      const names = new Set(read.map(({ name }) => name));
      const kept = this.gestures.value.filter(({ name }) => !names.has(name));
      const all = [...kept, ...read];
      if (all.length > mostGestures) throw new Error(`More than ${mostGestures} gestures are too many.`);
      this.save(all);
      this.cancel();
    } catch (error) {
      this.fail((error as Error).message);
    }
  }

  private get isBusy(): boolean {
    return ["counting", "recording"].includes(this.recording.value.is);
  }

  private countDown(leftS: number, then: () => void): void {
    this.recording.set({ is: "counting", leftS });
    this.timer = setTimeout(() => (leftS > 1 ? this.countDown(leftS - 1, then) : then()), 1000);
  }

  private take(name: string, oriented: boolean): void {
    this.examples = { left_hand: [], right_hand: [] };
    this.recording.set({ is: "recording" });
    this.timer = setTimeout(() => this.finish(name, oriented), RECORD_MS);
  }

  private finish(name: string, oriented: boolean): void {
    const { left_hand, right_hand } = this.examples;
    // The hand that was held up, where the other one was seen in passing.
    const gesture = makeGesture(
      name,
      left_hand.length > right_hand.length ? left_hand : right_hand,
      oriented,
    );
    if (gesture) {
      this.end({ is: "idle" });
      this.save([...this.gestures.value.filter((one) => one.name !== name), gesture]);
    } else this.fail("No hand was seen for long enough: hold it up to the camera.");
  }

  private onPhase(): void {
    if (this.live.phase.value.is !== "live" && this.isBusy) this.cancel();
  }

  private save(gestures: readonly CustomGesture[]): void {
    this.gestures.set(gestures);
    storage.save("gestures", gestures);
    this.send();
  }

  /** Have the session know them: its next connection, while there is none. */
  private send(): void {
    this.live.session?.setGestures(this.gestures.value).catch((error) => {
      if (error instanceof MocastError && error.kind === "refused") this.fail(Failure.from(error).detail);
    });
  }

  private fail(reason: string): void {
    this.end({ is: "failed", reason });
  }

  private end(recording: GestureRecording): void {
    clearTimeout(this.timer);
    if (this.isBusy) this.live.change({ hand_features: false });
    this.recording.set(recording);
  }
}

function load(): readonly CustomGesture[] {
  const stored = storage.load<unknown>("gestures");
  return Array.isArray(stored) ? stored.flatMap((one) => asGesture(one) ?? []) : [];
}
