import { type VRM, VRMUtils } from "@pixiv/three-vrm";
import type { AvatarPose } from "./AvatarPose";
import { BoneDriver } from "./BoneDriver";
import { FaceDriver } from "./FaceDriver";
import { GazeDriver } from "./GazeDriver";

/** A VRM and what moves it. */
export class Avatar {
  /** Whether ARKit's 52 shapes move its face, not the preset expressions. */
  readonly usesShapes: boolean;
  private readonly bones: BoneDriver;
  private readonly face: FaceDriver;
  private readonly gaze: GazeDriver;

  constructor(readonly vrm: VRM) {
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

  dispose(): void {
    VRMUtils.deepDispose(this.vrm.scene);
  }
}
