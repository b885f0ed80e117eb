import type { VRMSpringBoneManager } from "@pixiv/three-vrm";
import type { Object3D, Quaternion } from "three";
import type { Wind } from "./Wind";

/** The step that springs' settings are made for: their drag is of a step, however long it is. */
const STEP_S = 1 / 60;
/** In a frame; of one that took longer the rest is left out, as a spring would swing through the body. */
const MOST_STEPS = 4;

interface Swing {
  readonly bone: Object3D;
  readonly before: Quaternion;
  readonly after: Quaternion;
}

/**
 * Moves hair and clothes alike whatever the display's rate: in even steps, between the last two of which is what is shown.
 */
export class SpringSteps {
  private readonly swings: readonly Swing[];
  /** Time that no step has covered yet. */
  private restS = 0;

  /** `wind`: blows through them. */
  constructor(
    private readonly springs: VRMSpringBoneManager | undefined,
    private readonly wind: Wind | null = null,
  ) {
    const bones = new Set([...(springs?.joints ?? [])].map(({ bone }) => bone));
    this.swings = [...bones].map((bone) => ({
      bone,
      before: bone.quaternion.clone(),
      after: bone.quaternion.clone(),
    }));
  }

  /** To be called once the bones that carry the springs are where they are to be. */
  advance(elapsedS: number): void {
    if (!this.springs) return;
    this.restS = Math.min(this.restS + elapsedS, MOST_STEPS * STEP_S);
    while (this.restS >= STEP_S - 1e-9) {
      this.restS = Math.max(0, this.restS - STEP_S);
      this.wind?.advance(STEP_S);
      this.springs.update(STEP_S);
      for (const { bone, before, after } of this.swings) {
        before.copy(after);
        after.copy(bone.quaternion);
      }
    }
    const share = this.restS / STEP_S;
    for (const { bone, before, after } of this.swings) bone.quaternion.slerpQuaternions(before, after, share);
  }
}
