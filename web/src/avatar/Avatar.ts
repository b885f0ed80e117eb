import { type VRM, VRMUtils } from "@pixiv/three-vrm";
import { AvatarPose } from "./AvatarPose";
import { addHandColliders } from "./addHandColliders";
import { BoneDriver } from "./BoneDriver";
import { FaceDriver } from "./FaceDriver";
import { ArmFitter } from "./fit/ArmFitter";
import { FootPlanter } from "./fit/FootPlanter";
import { measureProportions } from "./fit/measureProportions";
import type { Proportions } from "./fit/Proportions";
import { GazeDriver } from "./GazeDriver";
import { HeldExpression } from "./HeldExpression";
import { HeldPose } from "./HeldPose";
import { PoseFade } from "./PoseFade";
import { SpringSteps } from "./SpringSteps";
import { updateVrm } from "./updateVrm";
import { Wind } from "./Wind";

/** A VRM and what moves it. */
export class Avatar {
  /** Whether ARKit's 52 shapes move its face, not the preset expressions. */
  readonly usesShapes: boolean;
  readonly proportions: Proportions;
  private readonly bones: BoneDriver;
  private readonly face: FaceDriver;
  private readonly arms: ArmFitter;
  private readonly feet: FootPlanter;
  private elapsedS = 0;
  /** The pose that was applied last, fitted to the avatar. */
  readonly shown = new AvatarPose();
  readonly pose = new HeldPose();
  readonly gaze: GazeDriver;
  readonly held: HeldExpression;
  /** To be begun before another motion takes over. */
  readonly fade: PoseFade;
  readonly wind: Wind;
  private readonly springs: SpringSteps;

  /** `vrm`: in its rest pose, as it is loaded. */
  constructor(readonly vrm: VRM) {
    this.proportions = measureProportions(vrm);
    this.arms = new ArmFitter(this.proportions);
    this.feet = new FootPlanter(this.proportions);
    addHandColliders(vrm);
    this.wind = new Wind(vrm.springBoneManager);
    this.springs = new SpringSteps(vrm.springBoneManager, this.wind);
    this.face = new FaceDriver(vrm);
    this.usesShapes = this.face.usesShapes;
    this.fade = new PoseFade(vrm);
    this.held = new HeldExpression(vrm, (expression) => this.face.drives(expression));
    this.gaze = new GazeDriver(vrm, this.usesShapes);
    this.bones = new BoneDriver(vrm, new Set([...this.gaze.bones, ...(this.face.opensMouth ? ["jaw"] : [])]));
  }

  apply(pose: AvatarPose): void {
    this.shown.copy(pose);
    this.pose.apply(this.shown, this.elapsedS);
    this.arms.fit(this.shown);
    this.feet.fit(this.shown, this.elapsedS);
    this.bones.apply(this.shown);
    this.face.apply(pose);
    this.gaze.apply(pose);
  }

  /** Pass on to the model what was applied, and let its hair and clothes swing. */
  update(elapsedS: number): void {
    this.elapsedS = elapsedS;
    this.fade.apply(elapsedS);
    updateVrm(this.vrm, this.springs, elapsedS);
  }

  dispose(): void {
    VRMUtils.deepDispose(this.vrm.scene);
  }
}
