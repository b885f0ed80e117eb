import type { RigFrame } from "mocast-client";
import { AvatarFailure } from "./AvatarFailure";
import type { StageGuests } from "./StageGuests";

/** An avatar that could not be had is tried again after so long. */
const RETRY_MS = 5000;

/** Brings others onto an avatar's stage when their first rig comes. */
export class GuestList {
  private readonly retryAtMs = new Map<string, number>();

  /** `sourceOf`: the avatar of a guest; `onProblem` gets why one could not be had, a sentence, or that it could: "". */
  constructor(
    private readonly stage: Pick<StageGuests, "has" | "invite" | "push">,
    private readonly sourceOf: (name: string) => string | Blob,
    private readonly onProblem: (problem: string) => void,
  ) {}

  /** Take in somebody's rig. */
  push(name: string, rig: RigFrame): void {
    const { found } = rig;
    if (found.body || found.face || found.leftHand || found.rightHand) void this.invite(name, false);
    this.stage.push(name, rig);
  }

  /** `stays`: they are there, idle, also while no rig comes. */
  async invite(name: string, stays: boolean): Promise<void> {
    const { stage, retryAtMs } = this;
    if (stage.has(name) || performance.now() < (retryAtMs.get(name) ?? 0)) return;
    try {
      await stage.invite(name, this.sourceOf(name), stays);
      this.onProblem("");
    } catch (error) {
      if (!(error instanceof AvatarFailure)) throw error;
      retryAtMs.set(name, performance.now() + RETRY_MS);
      this.onProblem(error.detail);
      if (stays && error.kind === "unreachable")
        setTimeout(() => void this.invite(name, stays), RETRY_MS + 1);
    }
  }
}
