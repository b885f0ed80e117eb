import {
  type VRM,
  type VRMHumanBoneName,
  VRMSpringBoneCollider,
  VRMSpringBoneColliderShapeCapsule,
} from "@pixiv/three-vrm";
import { type Object3D, Vector3 } from "three";

/** Radii in lengths of the hand, from the wrist to the root of the middle finger: half of a palm is 0.4 wide. */
const RADII = { forearm: 0.36, palm: 0.34, fingers: 0.26, fingertips: 0.22 };
/** The length of a hand without fingers, in comparison with the forearm. */
const HAND_SHARE = 0.4;
/** A finger's last bone, which has no joint at its end, in comparison with the two before it. */
const TIP_SHARE = 1.9;

type Bones = readonly [elbow: Object3D, wrist: Object3D, knuckle: Object3D | null, middle: Object3D | null];

/**
 * Add capsules of forearms, palms and fingers to what an avatar's springs collide with, so that hair and skirts make way for
 * them. What hangs from an arm, such as a sleeve, does not collide with that arm. `vrm`: in its rest pose.
 */
export function addHandColliders(vrm: VRM): void {
  const { springBoneManager } = vrm;
  if (!springBoneManager || springBoneManager.joints.size === 0) return;
  vrm.scene.updateWorldMatrix(true, true);
  for (const side of ["left", "right"] as const) {
    const node = (part: string) => vrm.humanoid.getRawBoneNode(`${side}${part}` as VRMHumanBoneName);
    const [arm, elbow, wrist] = [node("UpperArm"), node("LowerArm"), node("Hand")];
    if (!arm || !elbow || !wrist) continue;
    const colliders = capsulesOf([elbow, wrist, node("MiddleProximal"), node("MiddleIntermediate")]);
    const group = { name: `${side} hand`, colliders };
    for (const joint of [...springBoneManager.joints]) {
      if (hangsFrom(joint.bone, arm)) continue;
      joint.colliderGroups = [...joint.colliderGroups, group];
      // It must be told, to know that springs come after arms from now on.
      springBoneManager.addJoint(joint);
    }
  }
}

function capsulesOf([elbow, wrist, knuckle, middle]: Bones): VRMSpringBoneCollider[] {
  const at = (object: Object3D) => object.getWorldPosition(new Vector3());
  const forearm = at(wrist).sub(at(elbow));
  const palmEnd = knuckle ? at(knuckle) : at(wrist).addScaledVector(forearm, HAND_SHARE);
  const size = palmEnd.distanceTo(at(wrist));
  const capsules = [
    capsule(elbow, at(wrist), RADII.forearm * size),
    capsule(wrist, palmEnd, RADII.palm * size),
  ];
  if (knuckle && middle) {
    const bone = at(middle).sub(at(knuckle));
    capsules.push(
      capsule(knuckle, at(middle), RADII.fingers * size),
      capsule(middle, at(middle).addScaledVector(bone, TIP_SHARE / 2), RADII.fingertips * size),
    );
  }
  return capsules;
}

/** From a bone's joint to a place in the world, moving with the bone. */
function capsule(bone: Object3D, end: Vector3, radius: number): VRMSpringBoneCollider {
  const shape = new VRMSpringBoneColliderShapeCapsule({ radius, tail: bone.worldToLocal(end) });
  const collider = new VRMSpringBoneCollider(shape);
  bone.add(collider);
  return collider;
}

function hangsFrom(object: Object3D, ancestor: Object3D): boolean {
  for (let at: Object3D | null = object; at; at = at.parent) if (at === ancestor) return true;
  return false;
}
