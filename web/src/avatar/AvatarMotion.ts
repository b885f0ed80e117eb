import { type RigFrame, rigNames } from "mocast-client";
import { AvatarPose } from "./AvatarPose";
import { IdleMotion } from "./IdleMotion";
import { mirrorPose } from "./mirrorPose";
import { RigPlayer } from "./RigPlayer";
import { TrackingWeight } from "./TrackingWeight";

/** The subject counts as lost after so long without a message. */
const SILENCE_MS = 500;
/** After the page was frozen the motion goes on from where it was. */
const LONGEST_STEP_MS = 100;

const nothingNear = new AvatarPose();

/** The parts of the body that are found or lost by themselves: indices of `AvatarMotion.weights`. */
const BODY = 0;
const HEAD = 1;
const LEFT_HAND = 2;
const RIGHT_HAND = 3;
const PART_OF_BONE = rigNames.bones.map((name) => {
  if (/^(neck|head|jaw|.*Eye)$/.test(name)) return HEAD;
  if (/(Thumb|Index|Middle|Ring|Little)/.test(name)) return name.startsWith("left") ? LEFT_HAND : RIGHT_HAND;
  return BODY;
});

/**
 * The avatar's pose over time: each part of the body follows the rigs while it is found, and the idle motion while not, so
 * that the arms rest while only the face is seen.
 */
export class AvatarMotion {
  readonly player = new RigPlayer();
  private readonly idle: IdleMotion;
  private readonly pose = new AvatarPose();
  private readonly mirrored = new AvatarPose();
  private readonly weights = [
    new TrackingWeight(),
    new TrackingWeight(),
    new TrackingWeight(),
    new TrackingWeight(),
  ];
  private readonly found = [false, false, false, false];
  private receivedAtMs = Number.NEGATIVE_INFINITY;
  private advancedAtMs = Number.NaN;

  constructor(random?: () => number) {
    this.idle = new IdleMotion(random);
  }

  /** Whether the subject is followed, at least in part. */
  get isTracking(): boolean {
    return this.weights[BODY].weight > 0 || this.weights[HEAD].weight > 0;
  }

  push(rig: RigFrame, nowMs: number): void {
    this.receivedAtMs = nowMs;
    this.found[BODY] = rig.found.body;
    this.found[HEAD] = rig.found.face || rig.found.body;
    this.found[LEFT_HAND] = rig.found.leftHand;
    this.found[RIGHT_HAND] = rig.found.rightHand;
    // A rig in which nothing was found has no motion: the idle motion fades in from the last one that had.
    if (this.found.includes(true)) this.player.push(rig, nowMs);
  }

  /** The pose at this moment, as in a mirror where `isMirrored`; its owner reads it until the next call. */
  advance(nowMs: number, isMirrored = false): AvatarPose {
    const elapsedMs = Math.min(Math.max(0, nowMs - this.advancedAtMs || 0), LONGEST_STEP_MS);
    this.advancedAtMs = nowMs;
    const isRecent = nowMs - this.receivedAtMs <= SILENCE_MS;
    for (let part = 0; part < this.weights.length; part += 1) {
      this.weights[part].advance(isRecent && this.found[part], nowMs, elapsedMs);
    }
    this.idle.pose(nowMs / 1000, this.pose);
    this.pose.lerpTargets(nothingNear, nothingNear, 0);
    const followed = this.player.play(nowMs);
    if (followed) this.follow(followed);
    if (!isMirrored) return this.pose;
    mirrorPose(this.pose, this.mirrored);
    return this.mirrored;
  }

  private follow(followed: AvatarPose): void {
    const { pose, weights } = this;
    for (let bone = 0; bone < PART_OF_BONE.length; bone += 1) {
      const { weight } = weights[PART_OF_BONE[bone]];
      if (weight > 0) pose.slerpBone(pose, followed, bone * 4, weight);
    }
    pose.lerpHips(pose, followed, weights[BODY].weight);
    pose.lerpTargets(nothingNear, followed, weights[BODY].weight);
    pose.lerpFace(pose, followed, weights[HEAD].weight);
  }
}
