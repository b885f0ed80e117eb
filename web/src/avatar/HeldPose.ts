import { rigNames } from "mocast-client";
import { AvatarPose } from "./AvatarPose";
import type { KeptPose } from "./KeptPose";
import { smoothstep } from "./smoothstep";

/** From the person's motion to a pose, and back. */
const FADE_S = 0.35;
const ARM = /(Shoulder|UpperArm|LowerArm|Hand|Thumb|Index|Middle|Ring|Little)/;
const HEAD = /^(neck|head|jaw|.*Eye)$/;
const BONES = {
  arms: rigNames.bones.flatMap((name, bone) => (ARM.test(name) ? [bone] : [])),
  body: rigNames.bones.flatMap((name, bone) => (HEAD.test(name) ? [] : [bone])),
};
const nowhere = new AvatarPose();

interface Fading {
  readonly kept: KeptPose;
  readonly pose: AvatarPose;
  progress: number;
}

/** A pose that a person holds by a key, faded in over the tracked motion, and out again; head and face stay theirs. */
export class HeldPose {
  /** The held one last; those before it fade out. */
  private readonly fading: Fading[] = [];
  private held: KeptPose | null = null;

  /** Hold this pose from now on; `null`: none. */
  hold(kept: KeptPose | null): void {
    this.held = kept;
    if (kept && !this.fading.some((one) => one.kept === kept)) {
      const pose = new AvatarPose();
      pose.rotations.set(kept.rotations);
      this.fading.push({ kept, pose, progress: 0 });
    }
  }

  /** Mix it into the pose that the tracking has. */
  apply(into: AvatarPose, elapsedS: number): void {
    for (let i = this.fading.length - 1; i >= 0; i -= 1) {
      const one = this.fading[i];
      one.progress = Math.min(1, one.progress + ((one.kept === this.held ? 1 : -1) * elapsedS) / FADE_S);
      if (one.progress <= 0) this.fading.splice(i, 1);
    }
    for (let i = 0; i < this.fading.length; i += 1) mix(this.fading[i], into);
  }
}

function mix({ kept, pose, progress }: Fading, into: AvatarPose): void {
  const share = smoothstep(progress);
  const bones = BONES[kept.part];
  for (let i = 0; i < bones.length; i += 1) into.slerpBone(into, pose, bones[i] * 4, share);
  // Where the person's hands are is no matter of the pose's, nor, of a whole body, where their feet stand.
  const { left, right } = into.planted;
  into.lerpTargets(into, nowhere, share);
  if (kept.part === "arms") Object.assign(into.planted, { left, right });
}
