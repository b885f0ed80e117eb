import { readFileSync } from "node:fs";
import { validateBytes } from "gltf-validator";
import { AnimationMixer, type Object3D, Quaternion } from "three";
import { GLTFLoader } from "three/addons/loaders/GLTFLoader.js";
import { beforeAll, expect, test, vi } from "vitest";
import { bakeMotion } from "../../src/avatar/bakeMotion";

const file = (path: string) => new Blob([readFileSync(new URL(path, import.meta.url))]);
const avatar = file("../../public/default.vrm");
let baked: ArrayBuffer;

beforeAll(async () => {
  Object.assign(globalThis, { self: globalThis });
  // Node can decode no pictures, which three's loader tells of and goes on.
  vi.spyOn(console, "error").mockImplementation(() => {});
  vi.spyOn(console, "warn").mockImplementation(() => {});
  baked = await (await bakeMotion(avatar, motion())).arrayBuffer();
});

/** One second of VRM Animation: the left arm sinks by 60°, the hips rise by 10 cm, the mouth opens. */
function motion(): Blob {
  const half = (60 * Math.PI) / 360;
  const arrays = [
    [0, 1],
    [0, 0, 0, 1, 0, 0, -Math.sin(half), Math.cos(half)],
    [0, 0.9, 0, 0, 1.0, 0],
    [0, 0, 0, 1, 0, 0],
  ];
  const views = arrays.map((values, index) => ({
    buffer: 0,
    byteOffset: 4 * arrays.slice(0, index).flat().length,
    byteLength: 4 * values.length,
  }));
  const [SCALAR, VEC4, VEC3] = ["SCALAR", "VEC4", "VEC3"];
  const accessors = [SCALAR, VEC4, VEC3, VEC3].map((type, bufferView) => ({
    bufferView,
    componentType: 5126,
    count: 2,
    type,
    ...(bufferView === 0 ? { min: [0], max: [1] } : {}),
  }));
  const bones = ["hips", "spine", "chest", "leftShoulder", "leftUpperArm"];
  const offsets = [0.9, 0.07, 0.12, 0.25, 0];
  const nodes = bones.map((name, index) => ({
    name,
    translation: [name === "leftUpperArm" ? 0.13 : 0, offsets[index], 0],
    ...(index < bones.length - 1 ? { children: [index + 1] } : {}),
  }));
  const channel = (sampler: number, node: number, path: string) => ({ sampler, target: { node, path } });
  const document = {
    asset: { version: "2.0" },
    extensionsUsed: ["VRMC_vrm_animation"],
    nodes: [...nodes, { name: "aa" }],
    scenes: [{ nodes: [0, bones.length] }],
    scene: 0,
    buffers: [{ byteLength: 4 * arrays.flat().length }],
    bufferViews: views,
    accessors,
    animations: [
      {
        samplers: [1, 2, 3].map((output) => ({ input: 0, output })),
        channels: [
          channel(0, 4, "rotation"),
          channel(1, 0, "translation"),
          channel(2, bones.length, "translation"),
        ],
      },
    ],
    extensions: {
      VRMC_vrm_animation: {
        specVersion: "1.0",
        humanoid: { humanBones: Object.fromEntries(bones.map((name, node) => [name, { node }])) },
        expressions: { preset: { aa: { node: bones.length } } },
      },
    },
  };
  const text = new TextEncoder().encode(JSON.stringify(document));
  const padded = new Uint8Array(Math.ceil(text.length / 4) * 4).fill(0x20);
  padded.set(text);
  const data = Float32Array.from(arrays.flat());
  const words = (...values: number[]) => Uint32Array.from(values);
  const head = words(0x46546c67, 2, 28 + padded.length + data.byteLength, padded.length, 0x4e4f534a);
  return new Blob([head, padded, words(data.byteLength, 0x004e4942), data]);
}

test("what is baked is a valid glTF with everything that the model had", async () => {
  const report = await validateBytes(new Uint8Array(baked));
  expect(report.issues.messages.filter(({ severity }) => severity === 0)).toEqual([]);
  const before = documentOf(await avatar.arrayBuffer());
  const after = documentOf(baked);
  for (const part of ["extensions", "materials", "meshes", "nodes", "skins", "textures"])
    expect(after[part]).toEqual(before[part]);
  expect((after.animations as { name: string }[]).map(({ name }) => name)).toEqual(["Mocast"]);
});

test("readers that know nothing of VRM see the motion", async () => {
  const gltf = await new GLTFLoader().parseAsync(baked, "");
  const mixer = new AnimationMixer(gltf.scene);
  const [clip] = gltf.animations;
  expect(clip.duration).toBeCloseTo(29 / 30, 3);
  mixer.clipAction(clip).play();
  const arm = node(gltf.scene, "leftUpperArm");
  const hips = node(gltf.scene, "hips");
  mixer.setTime(0);
  const [before, height] = [world(arm), hips.position.y];
  mixer.setTime(0.5);
  expect((before.angleTo(world(arm)) * 180) / Math.PI).toBeCloseTo(30, 0);
  expect((hips.position.y - height) / height).toBeCloseTo(0.05 / 0.9, 2);
  const weights: number[] = [];
  gltf.scene.traverse((object) =>
    weights.push(...((object as { morphTargetInfluences?: number[] }).morphTargetInfluences ?? [])),
  );
  // The expression "aa" of this model opens its jaw to 0.85.
  expect(Math.max(...weights)).toBeCloseTo(0.5 * 0.85, 2);
});

function node(scene: Object3D, bone: string): Object3D {
  const { VRMC_vrm } = documentOf(baked).extensions as { VRMC_vrm: { humanoid: { humanBones: Bones } } };
  const index = VRMC_vrm.humanoid.humanBones[bone].node;
  const { name } = (documentOf(baked).nodes as { name: string }[])[index];
  const found = scene.getObjectByName(name);
  if (!found) throw new Error(`no ${name}`);
  return found;
}

type Bones = Record<string, { node: number }>;

function world(object: Object3D): Quaternion {
  object.updateWorldMatrix(true, false);
  return object.getWorldQuaternion(new Quaternion());
}

function documentOf(glb: ArrayBuffer): Record<string, unknown> {
  const length = new DataView(glb).getUint32(12, true);
  return JSON.parse(new TextDecoder().decode(new Uint8Array(glb, 20, length)));
}
