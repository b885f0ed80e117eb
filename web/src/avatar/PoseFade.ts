import type { VRM } from "@pixiv/three-vrm";
import { type Object3D, Quaternion, Vector3 } from "three";
import { smoothstep } from "./smoothstep";

/** From what moved the avatar so far to what does from now on. */
const FADE_S = 0.4;

interface Start {
  readonly node: Object3D;
  readonly rotation: Quaternion;
}

/** Carries an avatar over from one motion to another, such as from a person to an animation, so that nothing snaps. */
export class PoseFade {
  private readonly starts: readonly Start[];
  private readonly hips: Object3D | null;
  private readonly hipsStart = new Vector3();
  private progress = 1;

  constructor(vrm: VRM) {
    const { humanoid } = vrm;
    this.hips = humanoid.getNormalizedBoneNode("hips");
    this.starts = Object.values(humanoid.normalizedHumanBones).map(({ node }) => ({
      node,
      rotation: new Quaternion(),
    }));
  }

  /** Another motion follows: begin from the pose that the avatar is in. */
  begin(): void {
    for (const { node, rotation } of this.starts) rotation.copy(node.quaternion);
    if (this.hips) this.hipsStart.copy(this.hips.position);
    this.progress = 0;
  }

  /** Mix the pose that the motion has set with the one it began from. */
  apply(elapsedS: number): void {
    if (this.progress >= 1) return;
    this.progress = Math.min(1, this.progress + elapsedS / FADE_S);
    const share = smoothstep(this.progress);
    for (const { node, rotation } of this.starts) node.quaternion.slerp(rotation, 1 - share);
    this.hips?.position.lerp(this.hipsStart, 1 - share);
  }
}
