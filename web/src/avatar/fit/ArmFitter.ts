import type { HandTargets } from "mocast-client";
import { Quaternion, Vector3 } from "three";
import { smoothstep } from "../smoothstep";
import { BodyCollider } from "./BodyCollider";
import { boneIndex } from "./boneIndex";
import { Joint } from "./Joint";
import { middleJoint } from "./middleJoint";
import type { Proportions } from "./Proportions";
import { turnLimb } from "./turnLimb";

/** How firmly a hand that is near nothing but the other one stays where it is. One that touches the body: by 1 more. */
const UNTIED = 0.1;
/** What a hand touches has the weight of 1 over this; what it is half near to has the weight 1. */
const NEAREST = 0.02;
/** Of head, chest and hips, where a hand touches two of them: on a face a centimetre is seen. */
const PRIORITIES = [4, 1, 1];
/** How far wrist, knuckle and fingertips stay outside of the body, metres for a hand of the rest skeleton's size. */
const HAND_MARGINS = [0.02, 0.012, 0.005, 0.005, 0.005];
const FOREARM_MARGIN = 0.02;
/** Where along the forearm, from the elbow, it is looked at. */
const FOREARM_PARTS = [0.35, 0.7];
/** So often an arm is pushed out of the body: each push may bring another part inside. */
const ROUNDS = 3;
/** By how much an elbow is turned about the line from shoulder to wrist, smallest first, where it is inside the body. */
const ELBOW_TURNS = [15, -15, 30, -30, 50, -50].map((degrees) => (degrees * Math.PI) / 180);
/** Between the lines from wrist to knuckle of two palms that lie on each other, metres for hands of the rest skeleton's size. */
const PALMS = 0.028;
/** Hands that have gone through each other by less than the second are taken back; by more than the first they are back to back. */
const PASSED = [-0.06, -0.03] as const;
/** Palms face each other from the first of these on, and wholly from the second. */
const FACING = [0.3, 0.7] as const;
/** Palms that are this far aside of each other, in lengths of the hand, do not meet; nearer than the second they do. */
const BESIDE = [1.4, 1] as const;
/** An arm whose hand would move by less stays as it is. */
const STILL = 1e-5;
/** The length of a finger's last bone, which has no joint at its end, as a share of the one before. */
const TIP_SHARE = 0.9;
/** The length of a hand of the skeleton at rest. */
const REST_HAND = Math.hypot(0.092, 0.008);
const OTHER_HAND = 3;
const ANCHORS = 4;
const TOUCH_POINTS = 5;

const TRUNK = ["hips", "spine", "chest", "upperChest", "neck", "head"].map(boneIndex);
const CHEST = 3;

/** What of a pose the arms need. */
interface ArmPose {
  readonly rotations: Float32Array;
  readonly handTargets: HandTargets;
}

/** One arm of a pose, and where it is to be. */
class Side {
  readonly clavicle = new Joint();
  readonly shoulder = new Joint();
  readonly elbow = new Joint();
  readonly wrist = new Joint();
  readonly joints = [this.shoulder, this.elbow, this.wrist] as const;
  readonly fingertip = new Joint();
  /** The wrist, the knuckle, and the tips of thumb, index and middle finger. */
  readonly hand = Array.from({ length: TOUCH_POINTS }, () => new Vector3());
  readonly touching = new Vector3();
  readonly goal = new Vector3();
  /** 0..1: how near to the body the touching point is. */
  tied = 0;
  readonly moved = new Vector3();
  readonly elbowAt = new Vector3();
  readonly wristAt = new Vector3();
  readonly clavicleBone: number;
  /** Upper arm, forearm and hand. */
  readonly bones: readonly number[];
  readonly knuckle: number;
  readonly fingers: readonly (readonly number[])[];

  constructor(readonly name: "left" | "right") {
    this.clavicleBone = boneIndex(`${name}Shoulder`);
    this.bones = ["UpperArm", "LowerArm", "Hand"].map((part) => boneIndex(name + part));
    this.knuckle = boneIndex(`${name}MiddleProximal`);
    this.fingers = [
      ["ThumbMetacarpal", "ThumbProximal", "ThumbDistal"],
      ["IndexProximal", "IndexIntermediate", "IndexDistal"],
      ["MiddleProximal", "MiddleIntermediate", "MiddleDistal"],
    ].map((finger) => finger.map((part) => boneIndex(name + part)));
  }
}

/**
 * Fits a pose's arms to an avatar's proportions, so that its hands are where the person's are, and no arm goes through the
 * body. `server/mocast/rigging/retargeting/arm_fitting.py` does the same; both have the cases of tests/golden.
 */
export class ArmFitter {
  private readonly trunk = TRUNK.map(() => new Joint());
  private readonly sides = [new Side("left"), new Side("right")] as const;
  private readonly collider: BodyCollider;
  private readonly lengths: readonly [number, number][];
  private readonly handMargins: readonly number[];
  private readonly armMargins: readonly number[];
  private readonly forearmMargins: readonly number[];
  private readonly armPoints = [0, 1, 2].map(() => new Vector3());
  private readonly forearmPoints = this.armPoints.slice(1);
  private readonly handPoints = Array.from({ length: TOUCH_POINTS }, () => new Vector3());
  private readonly offset = new Vector3();
  private readonly place = new Vector3();
  private readonly sum = new Vector3();
  private readonly push = new Vector3();
  private readonly axis = new Vector3();
  private readonly turned = new Vector3();
  private readonly best = new Vector3();
  private readonly apart = new Vector3();
  private readonly between = new Vector3();
  private readonly rotation = new Quaternion();
  private readonly scale: number;

  constructor(private readonly body: Proportions) {
    this.lengths = this.sides.map(({ bones }) => [
      body.offsets[bones[1]].length(),
      body.offsets[bones[2]].length(),
    ]);
    const scale = body.handLength / REST_HAND;
    this.scale = scale;
    this.collider = new BodyCollider(body, scale);
    this.handMargins = HAND_MARGINS.map((margin) => margin * scale);
    this.forearmMargins = FOREARM_PARTS.map(() => FOREARM_MARGIN * scale);
    this.armMargins = [0, ...this.forearmMargins];
  }

  /** Change the rotations of upper arms, forearms and hands. */
  fit(pose: ArmPose): void {
    const { rotations, handTargets } = pose;
    this.poseTrunk(rotations);
    for (let i = 0; i < 2; i += 1)
      this.poseArm(this.sides[i], rotations, handTargets.touching, i * TOUCH_POINTS);
    for (let i = 0; i < 2; i += 1) this.aimAtBody(this.sides[i], handTargets, i * ANCHORS);
    this.aimAtEachOther(handTargets);
    this.keepPalmsApart();
    for (let i = 0; i < 2; i += 1) {
      const side = this.sides[i];
      this.placeArm(side, this.lengths[i]);
      const moved =
        side.wristAt.distanceTo(side.wrist.position) + side.elbowAt.distanceTo(side.elbow.position);
      if (moved > STILL)
        turnLimb(side.joints, side.elbowAt, side.wristAt, side.clavicle.rotation, side.bones, rotations);
    }
  }

  private poseTrunk(rotations: Float32Array): void {
    const { trunk, body } = this;
    trunk[0].rotation.fromArray(rotations, TRUNK[0] * 4);
    for (let i = 1; i < TRUNK.length; i += 1) trunk[i].follow(trunk[i - 1], TRUNK[i], rotations, body);
    this.collider.pose(trunk);
  }

  private poseArm(side: Side, rotations: Float32Array, touching: Float32Array, first: number): void {
    const { body } = this;
    const { bones, clavicle, shoulder, elbow, wrist, fingertip, hand } = side;
    clavicle.follow(this.trunk[CHEST], side.clavicleBone, rotations, body);
    shoulder.follow(clavicle, bones[0], rotations, body);
    elbow.follow(shoulder, bones[1], rotations, body);
    wrist.follow(elbow, bones[2], rotations, body);
    hand[0].copy(wrist.position);
    wrist.along(body.offsets[side.knuckle], hand[1]);
    for (let tip = 0; tip < side.fingers.length; tip += 1) {
      const finger = side.fingers[tip];
      let joint = wrist;
      for (let i = 0; i < finger.length; i += 1) joint = fingertip.follow(joint, finger[i], rotations, body);
      fingertip.along(this.offset.copy(body.offsets[finger[2]]).multiplyScalar(TIP_SHARE), hand[2 + tip]);
    }
    side.touching.set(0, 0, 0);
    let total = 0;
    for (let i = 0; i < TOUCH_POINTS; i += 1) {
      side.touching.addScaledVector(hand[i], touching[first + i]);
      total += touching[first + i];
    }
    if (total < 1e-9) side.touching.copy(hand[0]);
    else side.touching.multiplyScalar(1 / total);
  }

  /** Where head, chest and hips want a touching point; the nearest counts most. */
  private aimAtBody(side: Side, { offsets, nearness }: HandTargets, first: number): void {
    const { sum, place, offset } = this;
    sum.set(0, 0, 0);
    let total = 0;
    let far = 1;
    for (let anchor = 0; anchor < OTHER_HAND; anchor += 1) {
      const near = nearness[first + anchor];
      if (near <= 0) continue;
      const weight = (PRIORITIES[anchor] * near) / (1 + NEAREST - near);
      offset.fromArray(offsets, (first + anchor) * 3);
      sum.addScaledVector(this.collider.place(anchor, offset, place), weight);
      total += weight;
      far *= 1 - near;
    }
    side.tied = total > 0 ? 1 - far : 0;
    side.goal.copy(side.touching);
    if (total > 0) side.goal.lerp(sum.multiplyScalar(1 / total), side.tied);
  }

  private aimAtEachOther({ offsets, nearness }: HandTargets): void {
    const [left, right] = this.sides;
    const together = Math.max(nearness[OTHER_HAND], nearness[ANCHORS + OTHER_HAND]);
    if (together <= 0) return;
    const { apart, between, place } = this;
    apart.fromArray(offsets, OTHER_HAND * 3).applyQuaternion(this.trunk[CHEST].rotation);
    apart.multiplyScalar(this.body.handLength);
    const share = (UNTIED + left.tied) / (2 * UNTIED + left.tied + right.tied);
    between.copy(right.goal).lerp(left.goal, share);
    left.goal.lerp(place.copy(between).addScaledVector(apart, 1 - share), together);
    right.goal.lerp(place.copy(between).addScaledVector(apart, -share), together);
  }

  /** Palms that face each other meet and do not pass. */
  private keepPalmsApart(): void {
    const { apart, place, between, offset, scale, body } = this;
    const [left, right] = this.sides;
    middle(left, apart).sub(middle(right, place));
    if (apart.length() > BESIDE[0] * body.handLength + scale * (PALMS - PASSED[0])) return;
    between.set(0, -1, 0).applyQuaternion(right.wrist.rotation);
    offset.set(0, -1, 0).applyQuaternion(left.wrist.rotation);
    const facing = eased(-between.dot(offset), FACING);
    if (facing === 0) return;
    const normal = between.sub(offset).normalize();
    const gap = apart.dot(normal);
    const beside = apart.addScaledVector(normal, -gap).length() / body.handLength;
    const share = facing * eased(beside, BESIDE) * eased(gap / scale, PASSED);
    const missing = share * Math.max(scale * PALMS - gap, 0);
    const ofRight = (UNTIED + left.tied) / (2 * UNTIED + left.tied + right.tied);
    left.goal.addScaledVector(normal, (1 - ofRight) * missing);
    right.goal.addScaledVector(normal, -ofRight * missing);
  }

  /** Where elbow and wrist are with the hand moved, and no part of the arm inside the body. */
  private placeArm(side: Side, [upper, lower]: readonly [number, number]): void {
    const { collider, push } = this;
    const { moved, elbowAt, wristAt } = side;
    const shoulder = side.shoulder.position;
    moved.subVectors(side.goal, side.touching);
    for (let round = 0; round < ROUNDS; round += 1) {
      for (let i = 0; i < TOUCH_POINTS; i += 1) this.handPoints[i].copy(side.hand[i]).add(moved);
      collider.push(this.handPoints, this.handMargins, push);
      moved.add(push);
      elbowAt.copy(side.elbow.position);
      wristAt.copy(side.wrist.position);
      if (moved.length() > STILL) {
        wristAt.add(moved);
        middleJoint(shoulder, wristAt, side.elbow.position, upper, lower, elbowAt);
        moved.subVectors(wristAt, side.wrist.position);
      }
      this.turnElbowOut(shoulder, elbowAt, wristAt);
      if (this.forearmPush(elbowAt, wristAt) === 0) break;
      moved.add(push);
    }
  }

  /** Turn the elbow about the line from shoulder to wrist as little as takes the arm out of the body. */
  private turnElbowOut(shoulder: Vector3, elbow: Vector3, wrist: Vector3): void {
    const { axis, turned, best, rotation } = this;
    let least = this.depth(elbow, wrist);
    const size = axis.subVectors(wrist, shoulder).length();
    if (least === 0 || size < STILL) return;
    axis.multiplyScalar(1 / size);
    best.copy(elbow);
    for (let i = 0; i < ELBOW_TURNS.length && least > 0; i += 1) {
      rotation.setFromAxisAngle(axis, ELBOW_TURNS[i]);
      turned.subVectors(elbow, shoulder).applyQuaternion(rotation).add(shoulder);
      const depth = this.depth(turned, wrist);
      if (depth >= least) continue;
      best.copy(turned);
      least = depth;
    }
    elbow.copy(best);
  }

  private depth(elbow: Vector3, wrist: Vector3): number {
    this.setForearm(elbow, wrist);
    this.armPoints[0].copy(elbow);
    return this.collider.push(this.armPoints, this.armMargins, this.push);
  }

  private forearmPush(elbow: Vector3, wrist: Vector3): number {
    this.setForearm(elbow, wrist);
    return this.collider.push(this.forearmPoints, this.forearmMargins, this.push);
  }

  private setForearm(elbow: Vector3, wrist: Vector3): void {
    for (let i = 0; i < FOREARM_PARTS.length; i += 1)
      this.forearmPoints[i].copy(elbow).lerp(wrist, FOREARM_PARTS[i]);
  }
}

/** Write the middle of the palm of a hand that is moved to its goal. */
function middle({ hand, goal, touching }: Side, into: Vector3): Vector3 {
  return into.addVectors(hand[0], hand[1]).multiplyScalar(0.5).add(goal).sub(touching);
}

/** 0 up to the one bound, 1 from the other on, and smoothly between. */
function eased(value: number, [none, whole]: readonly [number, number]): number {
  return smoothstep(Math.min(Math.max((value - none) / (whole - none), 0), 1));
}
