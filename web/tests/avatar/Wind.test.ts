import type { VRM } from "@pixiv/three-vrm";
import { Vector3 } from "three";
import { expect, test } from "vitest";
import { SpringSteps } from "../../src/avatar/SpringSteps";
import { updateVrm } from "../../src/avatar/updateVrm";
import { Wind } from "../../src/avatar/Wind";
import { loadDefault } from "./loadDefault";

const hair = (vrm: VRM) =>
  [...(vrm.springBoneManager?.joints ?? [])].flatMap(({ child }) =>
    child ? [child.getWorldPosition(new Vector3())] : [],
  );

async function blown(strength: number, calmS = 0, stiffness?: number): Promise<Vector3[]> {
  const vrm = await loadDefault();
  for (const joint of vrm.springBoneManager?.joints ?? [])
    joint.settings.stiffness = stiffness ?? joint.settings.stiffness;
  const wind = new Wind(vrm.springBoneManager);
  const springs = new SpringSteps(vrm.springBoneManager, wind);
  wind.strength = strength;
  for (let frame = 0; frame < 120; frame += 1) updateVrm(vrm, springs, 1 / 60);
  wind.strength = 0;
  for (let frame = 0; frame < calmS * 60; frame += 1) updateVrm(vrm, springs, 1 / 60);
  vrm.scene.updateMatrixWorld(true);
  return hair(vrm);
}

const farthest = (one: readonly Vector3[], other: readonly Vector3[]) =>
  Math.max(...one.map((place, index) => place.distanceTo(other[index])));

test("hair leans with the wind, more in a stronger one, the same each time, and hangs as before when it is calm", async () => {
  const calm = await blown(0);
  const gentle = await blown(0.3);
  const strong = await blown(1);
  expect(farthest(gentle, calm)).toBeGreaterThan(0.005);
  expect(farthest(strong, calm)).toBeGreaterThan(1.5 * farthest(gentle, calm));
  expect(farthest(strong, await blown(1))).toBe(0);
  expect(farthest(await blown(1, 4), calm)).toBeLessThan(0.003);
});

test("hair of a model with a stiffness below 0 stays where numbers are", async () => {
  for (const { x, y, z } of await blown(1, 0, -0.1)) expect(Number.isFinite(x + y + z)).toBe(true);
});
