import type { VRM, VRMHumanBoneName } from "@pixiv/three-vrm";
import { boneParents, rigNames } from "mocast-client";
import { Matrix4, Mesh, type Object3D, SkinnedMesh, Vector3 } from "three";
import { boneIndex } from "./boneIndex";
import { measureAnchors, type Skin } from "./measureAnchors";
import type { CapsuleShape, Proportions } from "./Proportions";

const names: readonly string[] = rigNames.bones;
const TRUNK = ["hips", "spine", "chest", "upperChest", "neck"].map(boneIndex);
const HEAD = boneIndex("head");
/** A bone that is missing turns where its child begins, for these; any other where its parent does. */
const TAKEN_OVER: Record<string, string> = {
  neck: "head",
  leftShoulder: "leftUpperArm",
  rightShoulder: "rightUpperArm",
};
/** Where it has no fingers, a hand is this long in comparison with the forearm. */
const HAND_SHARE = 0.4;

/** An avatar's proportions, measured on its skeleton and its skin, in its rest pose, in which it must be. */
export function measureProportions(vrm: VRM): Proportions {
  vrm.scene.updateWorldMatrix(true, true);
  const nodes = names.map((name) => vrm.humanoid.getRawBoneNode(name as VRMHumanBoneName));
  const joints = jointsOf(nodes);
  const skin = skinOf(vrm, nodes);
  const { middles, sizes } = measureAnchors(skin, joints);
  const offsets = joints.map((joint, i) => {
    const parent = boneParents[i];
    return parent < 0 ? joint.clone() : joint.clone().sub(joints[parent]);
  });
  const palm = offsets[boneIndex("leftMiddleProximal")].length();
  return {
    offsets,
    middles: middles.map((middle, i) =>
      middle.sub(joints[[HEAD, boneIndex("upperChest"), boneIndex("hips")][i]]),
    ),
    sizes,
    handLength: palm < 1e-3 ? HAND_SHARE * offsets[boneIndex("leftHand")].length() : palm,
    capsules: capsulesOf(vrm, nodes, joints),
  };
}

/** The joints in the rig's space; one that is missing is where the bone begins that takes over its rotation. */
function jointsOf(nodes: readonly (Object3D | null)[]): Vector3[] {
  const known = nodes.map((node) => node?.getWorldPosition(new Vector3()) ?? null);
  const joints: Vector3[] = [];
  names.forEach((name, i) => {
    const child = TAKEN_OVER[name] ? known[boneIndex(TAKEN_OVER[name])] : null;
    const place = known[i] ?? child ?? joints[Math.max(boneParents[i], 0)];
    joints.push(place.clone());
  });
  return joints;
}

/** The vertices by the bone that they move with more than with any other; without what hangs from it, as hair. */
function skinOf(vrm: VRM, nodes: readonly (Object3D | null)[]): Skin {
  const bones = new Map(nodes.flatMap((node, i) => (node ? [[node, i] as const] : [])));
  const skin: Skin = { points: names.map(() => []), face: [] };
  vrm.scene.traverse((object) => {
    if (object instanceof Mesh) addMesh(skin, object, bones);
  });
  if (skin.face.length === 0) skin.face.push(...skin.points[HEAD]);
  return skin;
}

function addMesh(skin: Skin, mesh: Mesh, bones: ReadonlyMap<Object3D, number>): void {
  const { position, skinIndex, skinWeight } = mesh.geometry.attributes;
  if (!position) return;
  const hasShapes = (mesh.geometry.morphAttributes.position?.length ?? 0) > 0;
  const isSkinned = mesh instanceof SkinnedMesh && skinIndex && skinWeight;
  const own = isSkinned ? undefined : bones.get(mesh);
  if (!isSkinned && own === undefined) return;
  const matrices = isSkinned ? skinMatrices(mesh) : [mesh.matrixWorld];
  for (let vertex = 0; vertex < position.count; vertex += 1) {
    const joint = isSkinned ? strongest(mesh, vertex) : 0;
    const at = own ?? bones.get((mesh as SkinnedMesh).skeleton.bones[joint]);
    if (at === undefined) continue;
    const point = new Vector3().fromBufferAttribute(position, vertex).applyMatrix4(matrices[joint]);
    skin.points[at].push(point);
    if (at === HEAD && hasShapes) skin.face.push(point);
  }
}

function skinMatrices({ skeleton, bindMatrix }: SkinnedMesh): Matrix4[] {
  return skeleton.bones.map((node, i) =>
    new Matrix4().multiplyMatrices(node.matrixWorld, skeleton.boneInverses[i]).multiply(bindMatrix),
  );
}

function strongest({ geometry }: Mesh, vertex: number): number {
  const { skinIndex, skinWeight } = geometry.attributes;
  let best = 0;
  for (let i = 1; i < 4; i += 1)
    if (skinWeight.getComponent(vertex, i) > skinWeight.getComponent(vertex, best)) best = i;
  return skinIndex.getComponent(vertex, best);
}

/** The colliders of its spring bones on the trunk; the head's surface is measured. */
function capsulesOf(
  vrm: VRM,
  nodes: readonly (Object3D | null)[],
  joints: readonly Vector3[],
): CapsuleShape[] {
  return (vrm.springBoneManager?.colliders ?? []).flatMap((collider) => {
    const at = TRUNK.findIndex((trunk) => nodes[trunk] !== null && nodes[trunk] === collider.parent);
    const shape = collider.shape as { offset?: Vector3; tail?: Vector3; radius?: number };
    if (at < 0 || !shape.offset || !shape.radius) return [];
    const matrix = collider.parent!.matrixWorld;
    const end = (offset: Vector3) => offset.clone().applyMatrix4(matrix).sub(joints[TRUNK[at]]);
    return [{ at, start: end(shape.offset), end: end(shape.tail ?? shape.offset), radius: shape.radius }];
  });
}
