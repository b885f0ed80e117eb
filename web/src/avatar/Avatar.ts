import { type VRM, VRMUtils } from "@pixiv/three-vrm";
import type { AvatarPose } from "./AvatarPose";
import { BoneDriver } from "./BoneDriver";
import { FaceDriver } from "./FaceDriver";
import { GazeDriver } from "./GazeDriver";
import { SpringSteps } from "./SpringSteps";
import { updateVrm } from "./updateVrm";

/** A VRM and what moves it. */
export class Avatar {
  /** Whether ARKit's 52 shapes move its face, not the preset expressions. */
  readonly usesShapes: boolean;
  private readonly bones: BoneDriver;
  private readonly face: FaceDriver;
  private readonly gaze: GazeDriver;

  private readonly springs: SpringSteps;

  constructor(readonly vrm: VRM) {
    this.springs = new SpringSteps(vrm.springBoneManager);
    this.face = new FaceDriver(vrm);
    this.usesShapes = this.face.usesShapes;
    this.gaze = new GazeDriver(vrm, this.usesShapes);
    this.bones = new BoneDriver(vrm, new Set([...this.gaze.bones, ...(this.face.opensMouth ? ["jaw"] : [])]));
  }

  apply(pose: AvatarPose): void {
    this.bones.apply(pose);
    this.face.apply(pose);
    this.gaze.apply(pose);
  }

  /** Pass on to the model what was applied, and let its hair and clothes swing. */
  update(elapsedS: number): void {
    updateVrm(this.vrm, this.springs, elapsedS);
  }

  dispose(): void {
    VRMUtils.deepDispose(this.vrm.scene);
  }
}
