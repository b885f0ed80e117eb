import { type VRM, VRMExpression, VRMExpressionManager } from "@pixiv/three-vrm";
import { expect, test } from "vitest";
import { HeldExpression } from "../../src/avatar/HeldExpression";

function avatar(...names: string[]): {
  vrm: VRM;
  weight: (name: string) => number;
  set: (name: string, weight: number) => void;
} {
  const manager = new VRMExpressionManager();
  for (const name of names) manager.registerExpression(new VRMExpression(name));
  return {
    vrm: { expressionManager: manager } as unknown as VRM,
    weight: (name) => manager.getExpression(name)?.weight ?? Number.NaN,
    set: (name, weight) => manager.setValue(name, weight),
  };
}

test("emotions come first, then the avatar's own; ARKit's shapes are the tracking's", () => {
  const { vrm } = avatar("Wink", "jawOpen", "surprised", "happy", "aa");
  expect(new HeldExpression(vrm, () => false).names).toEqual(["happy", "surprised", "Wink"]);
});

test("one fades into the other, and no step is a jump", () => {
  const { vrm, weight } = avatar("happy", "sad");
  const held = new HeldExpression(vrm, () => false);
  const weights: number[][] = [];
  held.hold("happy");
  for (let frame = 0; frame < 60; frame += 1) {
    if (frame === 30) held.hold("sad");
    held.apply(1 / 60);
    weights.push([weight("happy"), weight("sad")]);
  }
  expect(weights[29]).toEqual([1, 0]);
  expect(weights[37][0]).toBeCloseTo(1 - weights[37][1]);
  expect(weights[59]).toEqual([0, 1]);
  const steps = weights
    .slice(1)
    .map(([happy, sad], frame) =>
      Math.max(Math.abs(happy - weights[frame][0]), Math.abs(sad - weights[frame][1])),
    );
  expect(Math.max(...steps)).toBeLessThan(0.11);
});

test("tracked emotions make way for a held one and come back", () => {
  const { vrm, weight, set } = avatar("happy", "sad");
  const held = new HeldExpression(vrm, () => true);
  const frame = (elapsedS: number) => {
    set("happy", 0.6);
    set("sad", 0);
    held.apply(elapsedS);
    return [weight("happy"), weight("sad")];
  };
  expect(frame(0.1)).toEqual([0.6, 0]);
  held.hold("sad");
  expect(frame(1)).toEqual([0, 1]);
  held.hold(null);
  expect(frame(1)).toEqual([0.6, 0]);
});
