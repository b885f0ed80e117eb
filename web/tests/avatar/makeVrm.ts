/** Writes the least file that is a VRM: a skeleton without a body, in the T-pose. */

/** Joint positions of an avatar whose hips are 0.45 m high: half of the rig's; the left side, the right is its mirror. */
const JOINTS: Record<string, [string | null, number, number, number]> = {
  hips: [null, 0, 0.45, 0],
  spine: ["hips", 0, 0.5, 0],
  chest: ["spine", 0, 0.55, 0],
  upperChest: ["chest", 0, 0.6, 0],
  neck: ["upperChest", 0, 0.7, 0],
  head: ["neck", 0, 0.74, 0],
  leftEye: ["head", 0.02, 0.78, 0.04],
  leftShoulder: ["upperChest", 0.02, 0.67, 0],
  leftUpperArm: ["leftShoulder", 0.08, 0.67, 0],
  leftLowerArm: ["leftUpperArm", 0.2, 0.67, 0],
  leftHand: ["leftLowerArm", 0.32, 0.67, 0],
  leftUpperLeg: ["hips", 0.05, 0.43, 0],
  leftLowerLeg: ["leftUpperLeg", 0.05, 0.24, 0],
  leftFoot: ["leftLowerLeg", 0.05, 0.04, 0],
};

interface Wanted {
  readonly version: "0" | "1";
  /** Bones that the avatar lacks. */
  readonly without?: readonly string[];
  readonly presets?: readonly string[];
  readonly custom?: readonly string[];
  readonly hasLookAt?: boolean;
}

export function makeVrm({
  version,
  without = [],
  presets = [],
  custom = [],
  hasLookAt = true,
}: Wanted): Blob {
  // VRM 0 faces -Z, so that its left is -X.
  const sign = version === "0" ? -1 : 1;
  const joints = bothSides().filter(([name]) => !without.includes(name));
  const numbers = new Map(joints.map(([name], number) => [name, number]));
  const places = new Map(joints.map(([name, , ...place]) => [name, place]));
  const parentOf = (name: string): string | null => {
    const found = bothSides().find(([other]) => other === name)!;
    return found[1] === null || numbers.has(found[1]) ? found[1] : parentOf(found[1]);
  };
  const nodes: { name: string; translation: number[]; children?: number[] }[] = joints.map(
    ([name, , ...place]) => {
      const parent = places.get(parentOf(name) ?? "") ?? [0, 0, 0];
      const [x, y, z] = place.map((value, axis) => value - parent[axis]);
      return { name, translation: [sign * x, y, sign * z] };
    },
  );
  for (const [name] of joints) {
    const parent = parentOf(name);
    if (!parent) continue;
    const node = nodes[numbers.get(parent)!];
    node.children = [...(node.children ?? []), numbers.get(name)!];
  }
  const extension =
    version === "0" ? vrm0(numbers, presets, custom) : vrm1(numbers, presets, custom, hasLookAt);
  return binary({
    asset: { version: "2.0" },
    scene: 0,
    scenes: [{ nodes: [numbers.get("hips")] }],
    nodes,
    extensionsUsed: Object.keys(extension),
    extensions: extension,
  });
}

type Joint = [name: string, parent: string | null, x: number, y: number, z: number];

function bothSides(): Joint[] {
  const left = Object.entries(JOINTS).map(([name, joint]): Joint => [name, ...joint]);
  const right = left
    .filter(([name]) => name.startsWith("left"))
    .map(([name, parent, x, y, z]): Joint => [other(name), parent && other(parent), -x, y, z]);
  return [...left, ...right];
}

const other = (name: string) => name.replace(/^left/, "right");

function vrm1(
  numbers: Map<string, number>,
  presets: readonly string[],
  custom: readonly string[],
  hasLookAt: boolean,
): Record<string, unknown> {
  const range = { inputMaxValue: 90, outputScale: 10 };
  const lookAt = {
    type: "bone",
    offsetFromHeadBone: [0, 0, 0],
    rangeMapHorizontalInner: range,
    rangeMapHorizontalOuter: range,
    rangeMapVerticalDown: range,
    rangeMapVerticalUp: range,
  };
  return {
    VRMC_vrm: {
      specVersion: "1.0",
      meta: { name: "Test", authors: ["Mocast"], licenseUrl: "https://vrm.dev/licenses/1.0/" },
      humanoid: { humanBones: Object.fromEntries([...numbers].map(([name, node]) => [name, { node }])) },
      expressions: {
        preset: Object.fromEntries(presets.map((name) => [name, {}])),
        custom: Object.fromEntries(custom.map((name) => [name, {}])),
      },
      ...(hasLookAt ? { lookAt } : {}),
    },
  };
}

function vrm0(
  numbers: Map<string, number>,
  presets: readonly string[],
  custom: readonly string[],
): Record<string, unknown> {
  const range = { curve: [0, 0, 0, 1, 1, 1, 1, 0], xRange: 90, yRange: 10 };
  return {
    VRM: {
      exporterVersion: "test",
      specVersion: "0.0",
      meta: { title: "Test", author: "Mocast" },
      humanoid: { humanBones: [...numbers].map(([bone, node]) => ({ bone, node, useDefaultValues: true })) },
      firstPerson: {
        firstPersonBone: numbers.get("head"),
        firstPersonBoneOffset: { x: 0, y: 0, z: 0 },
        meshAnnotations: [],
        lookAtTypeName: "Bone",
        lookAtHorizontalInner: range,
        lookAtHorizontalOuter: range,
        lookAtVerticalDown: range,
        lookAtVerticalUp: range,
      },
      blendShapeMaster: {
        blendShapeGroups: [
          ...presets.map((presetName) => ({ name: presetName, presetName, binds: [], materialValues: [] })),
          ...custom.map((name) => ({ name, presetName: "unknown", binds: [], materialValues: [] })),
        ],
      },
      secondaryAnimation: { boneGroups: [], colliderGroups: [] },
      materialProperties: [],
    },
  };
}

/** A binary glTF of this tree alone. */
function binary(tree: object): Blob {
  const text = new TextEncoder().encode(JSON.stringify(tree));
  const padded = Math.ceil(text.length / 4) * 4;
  const bytes = new Uint8Array(20 + padded).fill(0x20, 20);
  const view = new DataView(bytes.buffer);
  for (const [at, word] of [0x46546c67, 2, bytes.length, padded, 0x4e4f534a].entries())
    view.setUint32(at * 4, word, true);
  bytes.set(text, 20);
  return new Blob([bytes]);
}
