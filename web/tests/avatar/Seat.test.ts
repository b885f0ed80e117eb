import { expect, test } from "vitest";
import { loadAvatar } from "../../src/avatar/loadAvatar";
import { Seat } from "../../src/avatar/Seat";
import { makeVrm } from "./makeVrm";

test.each(["0", "1"] as const)("whoever walks aside stands at their seat again (VRM %s)", async (version) => {
  const vrm = await loadAvatar(makeVrm({ version }));
  const hips = vrm.humanoid.getNormalizedBoneNode("hips")!;
  const seat = new Seat(vrm, 0.5, 0.4);
  const at = () => {
    vrm.scene.updateWorldMatrix(true, true);
    return hips.matrixWorld.elements[12];
  };
  expect(at()).toBeCloseTo(0.5, 5);
  hips.position.x += 0.3;
  seat.advance(1 / 60);
  expect(Math.abs(at() - 0.5)).toBeGreaterThan(0.28);
  for (let frame = 0; frame < 600; frame += 1) seat.advance(1 / 60);
  expect(at()).toBeCloseTo(0.5, 2);
  hips.position.x += 2;
  seat.advance(1 / 60);
  expect(Math.abs(at() - 0.5)).toBeCloseTo(0.4, 5);
  seat.leave();
  expect(vrm.scene.position.x).toBe(0);
});
