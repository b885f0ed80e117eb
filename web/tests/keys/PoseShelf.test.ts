import { beforeEach, expect, test } from "vitest";
import type { KeptPose } from "../../src/avatar/KeptPose";
import { PoseShelf } from "../../src/keys/PoseShelf";
import { stubStorage } from "../stubStorage";

const held: (string | null)[] = [];
const host = {
  rotations: Float32Array.from({ length: 220 }, (_, i) => i / 1000),
  holdPose: (pose: KeptPose | null) => void held.push(pose?.name ?? null),
};

beforeEach(() => {
  stubStorage();
  held.length = 0;
});

test("nine poses are kept over visits, each by a name of its own", () => {
  const shelf = new PoseShelf(() => host);
  for (let i = 0; i < 11; i += 1) shelf.keep("arms");
  shelf.remove(3);
  shelf.keep("body");
  const names = new PoseShelf(() => host).poses.value.map(({ name, part }) => `${name} ${part}`);
  expect(names).toHaveLength(9);
  expect(names.at(-1)).toBe("Pose 4 body");
  expect(new PoseShelf(() => host).poses.value[0].rotations[219]).toBe(0.219);
});

test("a key holds a pose until it is pressed again, or, where that is set, while it is down", () => {
  const shelf = new PoseShelf(() => host);
  shelf.keep("arms");
  shelf.keep("arms");
  shelf.press(0);
  shelf.release(0);
  shelf.press(1);
  shelf.press(1);
  expect(held).toEqual(["Pose 1", "Pose 2", null]);
  held.length = 0;
  shelf.setKeys("while-down");
  shelf.press(0);
  shelf.press(1);
  shelf.release(0);
  shelf.release(1);
  shelf.press(7);
  expect(held).toEqual(["Pose 1", "Pose 2", null]);
});

test("what is kept in another form is left out", () => {
  localStorage.setItem("mocast.poses", JSON.stringify([{ name: "x", part: "arms", rotations: [1] }, null]));
  expect(new PoseShelf(() => host).poses.value).toEqual([]);
});
