import { expect, test } from "vitest";
import { topology } from "../../src/model/topology";
import { landmarkOf } from "../../src/wire/landmarkOf";
import { golden } from "./golden";

const { pose, leftHand } = golden.frame("landmarks-holistic");

test("a pose's landmark is found by its name, with its place in the room and how well it is seen", () => {
  const at = topology.LEFT_WRIST;
  expect(landmarkOf(pose!, "left_wrist")).toEqual({
    x: pose!.image[3 * at],
    y: pose!.image[3 * at + 1],
    z: pose!.image[3 * at + 2],
    world: { x: pose!.world[3 * at], y: pose!.world[3 * at + 1], z: pose!.world[3 * at + 2] },
    visibility: pose!.visibility[at],
  });
});

test("a hand's has no visibility", () => {
  const tip = landmarkOf(leftHand!, "little_tip");
  expect(tip.x).toBe(leftHand!.image[3 * (topology.HAND_COUNT - 1)]);
  expect(tip).not.toHaveProperty("visibility");
});

test("no name of the one is taken for the other", () => {
  // @ts-expect-error: a hand's
  landmarkOf(pose!, "index_tip");
  // @ts-expect-error: a pose's
  landmarkOf(leftHand!, "left_wrist");
});
