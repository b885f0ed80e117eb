import type { TrackedFrame } from "mocast-client";

/** For so long the landmarks of others in a frame are awaited: the server sends them in one go. */
const GATHER_MS = 4;
/** Somebody whose landmarks are older, on the clock of 90 kHz, does not wait for a turn, but is gone. */
const GONE_TICKS = 22_500;

/** Gathers the landmarks of all people in a frame, which come one person after the other. */
export class FramePeople {
  private readonly newest = new Map<number, TrackedFrame>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private present: TrackedFrame | null = null;
  private shown = 0;

  /** `onFrame` gets the first that came of a frame, and the newest of the others. */
  constructor(private readonly onFrame: (frame: TrackedFrame, others: readonly TrackedFrame[]) => void) {}

  /** Take in a person's landmarks; `areSeveral`: whether others' may follow, else they are handed on at once. */
  add(frame: TrackedFrame, areSeveral: boolean): void {
    if (this.present && frame.frame !== this.present.frame) this.flush();
    this.newest.set(frame.person, frame);
    if (this.present) return;
    this.present = frame;
    if (areSeveral) this.timer = setTimeout(() => this.flush(), GATHER_MS);
    else this.flush();
  }

  /** How many people there are at present. */
  get count(): number {
    return this.shown;
  }

  clear(): void {
    this.shown = 0;
    clearTimeout(this.timer);
    this.present = null;
    this.newest.clear();
  }

  private flush(): void {
    const { present } = this;
    clearTimeout(this.timer);
    this.present = null;
    if (!present) return;
    const others = [...this.newest.values()].filter(
      (other) => other.person !== present.person && ((present.pts - other.pts) | 0) <= GONE_TICKS,
    );
    this.shown = [present, ...others].filter(isFound).length;
    this.onFrame(present, others);
  }
}

function isFound({ pose, face, leftHand, rightHand }: TrackedFrame): boolean {
  return Boolean(pose ?? face ?? leftHand ?? rightHand);
}
