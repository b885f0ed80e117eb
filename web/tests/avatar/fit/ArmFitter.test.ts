import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Vector3 } from "three";
import { expect, test } from "vitest";
import { ArmFitter } from "../../../src/avatar/fit/ArmFitter";
import type { Proportions } from "../../../src/avatar/fit/Proportions";

type Point = [number, number, number];

interface GoldenBody {
  offsets: Point[];
  middles: Point[];
  sizes: Point[];
  hand_m: number;
  capsules: { at: number; start: Point; end: Point; radius: number }[];
}

interface GoldenCase {
  name: string;
  body: string;
  rotations: number[][];
  hand_targets: { offsets: number[]; nearness: number[]; touching: number[] };
  fitted: number[][];
}

const FILE = fileURLToPath(new URL("../../../../tests/golden/retargeting/arm-fitting.json", import.meta.url));
const golden = JSON.parse(readFileSync(FILE, "utf8")) as {
  bodies: Record<string, GoldenBody>;
  cases: GoldenCase[];
};

const vector = ([x, y, z]: Point) => new Vector3(x, y, z);

function proportions(body: GoldenBody): Proportions {
  return {
    offsets: body.offsets.map(vector),
    middles: body.middles.map(vector),
    sizes: body.sizes.map(vector),
    handLength: body.hand_m,
    capsules: body.capsules.map(({ at, start, end, radius }) => ({
      at,
      start: vector(start),
      end: vector(end),
      radius,
    })),
  };
}

test.each(golden.cases.map((each) => [`${each.name}, ${each.body}`, each] as const))(
  "%s: arms are fitted as on the server",
  (_, { body, rotations, hand_targets, fitted }) => {
    const pose = {
      rotations: Float32Array.from(rotations.flat()),
      handTargets: {
        offsets: Float32Array.from(hand_targets.offsets),
        nearness: Float32Array.from(hand_targets.nearness),
        touching: Float32Array.from(hand_targets.touching),
      },
    };
    new ArmFitter(proportions(golden.bodies[body])).fit(pose);
    fitted.forEach((wanted, bone) => {
      const alike = wanted.reduce((sum, value, i) => sum + value * pose.rotations[bone * 4 + i], 0);
      expect(Math.abs(alike), `bone ${bone}`).toBeCloseTo(1, 5);
    });
  },
);
