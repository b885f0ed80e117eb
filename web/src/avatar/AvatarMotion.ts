import { rigNames } from "../model/generated";
import type { RigFrame } from "../wire/RigFrame";
import { AvatarPose } from "./AvatarPose";
import { IdleMotion } from "./IdleMotion";
import { RigPlayer } from "./RigPlayer";
import { TrackingWeight } from "./TrackingWeight";

/** Without a message for so long the subject counts as lost: three frames at the least rate worth looking at. */
const SILENCE_MS = 500;
/** A page that was frozen goes on from where it was. */
const LONGEST_STEP_MS = 100;

/** Which of the presences each bone follows: its index in `AvatarMotion.presences`. */
const BODY = 0;
const HEAD = 1;
const LEFT_HAND = 2;
const RIGHT_HAND = 3;
const PART_OF = rigNames.bones.map((name) => {
  if (/^(neck|head|jaw|.*Eye)$/.test(name)) return HEAD;
  if (/(Thumb|Index|Middle|Ring|Little)/.test(name)) return name.startsWith("left") ? LEFT_HAND : RIGHT_HAND;
  return BODY;
});

/**
 * What the avatar does: it follows the rigs where the subject is found, and idles where not, each part by itself, so
 * that who shows only their face has calm arms.
 */
export class AvatarMotion {
  readonly player = new RigPlayer();
  private readonly idle: IdleMotion;
  private readonly pose = new AvatarPose();
  private readonly presences = [
    new TrackingWeight(),
    new TrackingWeight(),
    new TrackingWeight(),
    new TrackingWeight(),
  ];
  private readonly found = [false, false, false, false];
  private heardAtMs = Number.NEGATIVE_INFINITY;
  private advancedAtMs = Number.NaN;

  constructor(random?: () => number) {
    this.idle = new IdleMotion(random);
  }

  /** Whether the subject is followed, at least in part. */
  get isTracking(): boolean {
    return this.presences[BODY].weight > 0 || this.presences[HEAD].weight > 0;
  }

  push(rig: RigFrame, nowMs: number): void {
    this.heardAtMs = nowMs;
    this.found[BODY] = rig.found.body;
    this.found[HEAD] = rig.found.face || rig.found.body;
    this.found[LEFT_HAND] = rig.found.leftHand;
    this.found[RIGHT_HAND] = rig.found.rightHand;
    // What nothing was found in holds no motion: the last one that did is what is left from.
    if (this.found.includes(true)) this.player.push(rig, nowMs);
  }

  /** The pose at this moment; its owner reads it until the next call. */
  advance(nowMs: number): AvatarPose {
    const elapsedMs = Math.min(Math.max(0, nowMs - this.advancedAtMs || 0), LONGEST_STEP_MS);
    this.advancedAtMs = nowMs;
    const isHeard = nowMs - this.heardAtMs <= SILENCE_MS;
    for (let part = 0; part < this.presences.length; part += 1) {
      this.presences[part].advance(isHeard && this.found[part], nowMs, elapsedMs);
    }
    this.idle.pose(nowMs / 1000, this.pose);
    const followed = this.player.play(nowMs);
    if (followed) this.follow(followed);
    return this.pose;
  }

  private follow(followed: AvatarPose): void {
    const { pose, presences } = this;
    for (let bone = 0; bone < PART_OF.length; bone += 1) {
      const { weight } = presences[PART_OF[bone]];
      if (weight > 0) pose.turn(pose, followed, bone * 4, weight);
    }
    pose.mixPlace(pose, followed, presences[BODY].weight);
    pose.mixFace(pose, followed, presences[HEAD].weight);
  }
}
