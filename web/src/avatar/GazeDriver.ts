import { type VRM, VRMLookAtBoneApplier } from "@pixiv/three-vrm";
import type { Object3D } from "three";
import type { AvatarPose } from "./AvatarPose";

/**
 * How far people turn their eyes before they turn their heads. Most avatars map angles of up to 90° to a few degrees, so
 * that their eyes would seem to stare: this angle is scaled to the largest that the avatar maps.
 */
const MAX_GAZE_DEG = 30;

/** Moves an avatar's eyes by its own means, bones or expressions, as far as it lets them. */
export class GazeDriver {
  /** The bones that the avatar's look-at moves. */
  readonly bones: ReadonlySet<string>;
  private readonly gainX: number;
  private readonly gainY: number;

  constructor(
    private readonly vrm: VRM,
    usesShapes: boolean,
  ) {
    const applier = vrm.lookAt?.applier;
    const isByBones = applier instanceof VRMLookAtBoneApplier;
    this.bones = new Set(isByBones ? ["leftEye", "rightEye"] : []);
    this.gainX = gain(isByBones ? applier.rangeMapHorizontalOuter.inputMaxValue : MAX_GAZE_DEG);
    this.gainY = gain(isByBones ? applier.rangeMapVerticalUp.inputMaxValue : MAX_GAZE_DEG);
    // Where shapes move the painted eyes, the look expressions would move them a second time.
    this.isOn = vrm.lookAt !== undefined && (isByBones || !usesShapes);
  }

  private readonly isOn: boolean;

  /** What the eyes look at, in place of where the person's look; `null`: nothing. */
  set target(target: Object3D | null) {
    const { lookAt } = this.vrm;
    if (!lookAt || !this.isOn) return;
    lookAt.target = target;
    lookAt.autoUpdate = target !== null;
  }

  apply(pose: AvatarPose): void {
    const { lookAt } = this.vrm;
    if (!lookAt || !this.isOn || lookAt.target) return;
    lookAt.yaw = pose.gazeDeg[0] * this.gainX;
    // three-vrm's pitch is a turn about X: positive is down.
    lookAt.pitch = -pose.gazeDeg[1] * this.gainY;
  }
}

function gain(inputMaxDeg: number): number {
  return Math.max(1, inputMaxDeg / MAX_GAZE_DEG);
}
