import type { VRM } from "@pixiv/three-vrm";
import { type Object3D, Vector3 } from "three";
import { expect, test } from "vitest";
import { SpringSteps } from "../../src/avatar/SpringSteps";
import { updateVrm } from "../../src/avatar/updateVrm";
import { loadDefault } from "./loadDefault";

/** Where each bone of hair is, five times a second, while the head turns to and fro. */
async function swing(fps: number, update: (vrm: VRM, springs: SpringSteps, elapsedS: number) => void) {
  const vrm = await loadDefault();
  const springs = new SpringSteps(vrm.springBoneManager);
  const head = vrm.humanoid.getNormalizedBoneNode("head") as Object3D;
  const bones = [...(vrm.springBoneManager?.joints ?? [])].map(({ bone }) => bone);
  const places: Vector3[] = [];
  for (let frame = 1; frame <= 3 * fps; frame += 1) {
    const timeS = frame / fps;
    head.rotation.y = 0.6 * Math.sin(2 * Math.PI * timeS);
    update(vrm, springs, 1 / fps);
    vrm.scene.updateMatrixWorld(true);
    if (Math.floor(timeS * 5 + 1e-9) > Math.floor((timeS - 1 / fps) * 5 + 1e-9))
      places.push(...bones.map((bone) => bone.getWorldPosition(new Vector3())));
  }
  return places;
}

const apart = (one: readonly Vector3[], other: readonly Vector3[]) =>
  Math.max(...one.map((place, index) => place.distanceTo(other[index])));

test("hair swings alike at 15 to 144 frames a second, and three times as much alike as by three-vrm alone", async () => {
  const plain = (vrm: VRM, _: SpringSteps, elapsedS: number) => vrm.update(elapsedS);
  const [reference, plainReference] = [await swing(60, updateVrm), await swing(60, plain)];
  for (const [fps, mostM] of [
    [15, 0.05],
    [30, 0.01],
    [144, 0.015],
  ]) {
    const apartM = apart(await swing(fps, updateVrm), reference);
    expect(apartM).toBeLessThan(mostM);
    expect(apartM).toBeLessThan(apart(await swing(fps, plain), plainReference) / 3);
  }
});
