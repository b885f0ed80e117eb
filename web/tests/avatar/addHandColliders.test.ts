import type { VRM } from "@pixiv/three-vrm";
import { Line3, type Object3D, Vector3 } from "three";
import { expect, test } from "vitest";
import { addHandColliders } from "../../src/avatar/addHandColliders";
import { SpringSteps } from "../../src/avatar/SpringSteps";
import { updateVrm } from "../../src/avatar/updateVrm";
import { loadDefault } from "./loadDefault";

const placeOf = (object: Object3D) => object.getWorldPosition(new Vector3());

/** The ends of the springs, which collide. */
function tails(vrm: VRM): Vector3[] {
  return [...(vrm.springBoneManager?.joints ?? [])].flatMap(({ child }) => (child ? [placeOf(child)] : []));
}

/** How near the ends of hair come to the line of a palm that is moved through them, metres. */
async function nearest(hasColliders: boolean): Promise<number> {
  const vrm = await loadDefault();
  if (hasColliders) addHandColliders(vrm);
  const springs = new SpringSteps(vrm.springBoneManager);
  for (let frame = 0; frame < 60; frame += 1) updateVrm(vrm, springs, 1 / 60);
  vrm.scene.updateMatrixWorld(true);
  const hair = tails(vrm).reduce((low, tail) => (tail.y < low.y ? tail : low));
  const hand = vrm.humanoid.getRawBoneNode("leftHand") as Object3D;
  const knuckle = vrm.humanoid.getRawBoneNode("leftMiddleProximal") as Object3D;
  let least = Number.POSITIVE_INFINITY;
  for (let frame = 0; frame < 60; frame += 1) {
    updateVrm(vrm, springs, 0);
    // Through the lowest end of hair, from before it to behind it.
    const to = hair.clone().add(new Vector3(0, 0, 0.2 - (0.4 * frame) / 60));
    hand.parent!.worldToLocal(
      hand.position.copy(to).add(placeOf(hand).sub(placeOf(knuckle)).multiplyScalar(0.5)),
    );
    hand.updateWorldMatrix(true, true);
    springs.advance(1 / 60);
    vrm.scene.updateMatrixWorld(true);
    const palm = new Line3(placeOf(hand), placeOf(knuckle));
    for (const tail of tails(vrm))
      least = Math.min(least, palm.closestPointToPoint(tail, true, new Vector3()).distanceTo(tail));
  }
  return least;
}

test("a hand that is moved through hair pushes it aside", async () => {
  expect(await nearest(false)).toBeLessThan(0.01);
  expect(await nearest(true)).toBeGreaterThan(0.02);
});
