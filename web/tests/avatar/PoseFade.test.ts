import { type VRM, VRMLoaderPlugin } from "@pixiv/three-vrm";
import type { Object3D } from "three";
import { GLTFLoader } from "three/addons/loaders/GLTFLoader.js";
import { expect, test } from "vitest";
import { PoseFade } from "../../src/avatar/PoseFade";
import { makeVrm } from "./makeVrm";

async function avatar(): Promise<{ fade: PoseFade; arm: Object3D; hips: Object3D }> {
  Object.assign(globalThis, { self: globalThis });
  const loader = new GLTFLoader().register((parser) => new VRMLoaderPlugin(parser));
  const gltf = await loader.parseAsync(await makeVrm({ version: "1" }).arrayBuffer(), "");
  const vrm = gltf.userData.vrm as VRM;
  const node = (name: "leftUpperArm" | "hips") => vrm.humanoid.getNormalizedBoneNode(name) as Object3D;
  return { fade: new PoseFade(vrm), arm: node("leftUpperArm"), hips: node("hips") };
}

test("an avatar that another motion takes over moves there without a jump", async () => {
  const { fade, arm, hips } = await avatar();
  arm.rotation.z = 1.2;
  hips.position.y = 0.5;
  fade.begin();
  const [angles, heights] = [[1.2], [0.5]];
  for (let frame = 0; frame < 60; frame += 1) {
    // The new motion holds the arm down, and crouches.
    arm.rotation.set(0, 0, -1);
    hips.position.y = 0.3;
    fade.apply(1 / 60);
    angles.push(arm.rotation.z);
    heights.push(hips.position.y);
  }
  const step = (values: readonly number[]) =>
    Math.max(...values.slice(1).map((value, index) => Math.abs(value - values[index])));
  expect(step(angles)).toBeLessThan(2.2 * 0.07);
  expect(step(heights)).toBeLessThan(0.2 * 0.07);
  expect(angles.at(-1)).toBeCloseTo(-1);
  expect(heights.at(-1)).toBeCloseTo(0.3);
});

test("without another motion it changes nothing", async () => {
  const { fade, arm } = await avatar();
  arm.rotation.z = 0.7;
  fade.apply(1 / 60);
  expect(arm.rotation.z).toBeCloseTo(0.7);
});
