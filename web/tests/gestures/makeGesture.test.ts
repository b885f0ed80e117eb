import { expect, test } from "vitest";
import { featureCount, shapeFeatureCount } from "../../src/gestures/features";
import { leastExamples, makeGesture } from "../../src/gestures/makeGesture";
import { normalNumbers } from "../air/randomNumbers";

const normal = normalNumbers(5);
const centre = Array.from({ length: featureCount }, (_, at) => Math.sin(at));
const around = (spread: number) => centre.map((value) => value + spread * normal());
const many = (spread: number, count = 90) => Array.from({ length: count }, () => around(spread));
const apart = (features: readonly number[], other: readonly number[], count: number) =>
  Math.hypot(...features.slice(0, count).map((value, at) => value - other[at])) / Math.sqrt(count);

test("a gesture is the mean of its examples, and wide enough for what is shown again", () => {
  const gesture = makeGesture("spock", many(0.15), false)!;
  expect(gesture).toMatchObject({ name: "spock", hand: "any", oriented: false });
  expect(apart(gesture.features, centre, featureCount)).toBeLessThan(0.05);
  const shown = many(0.15, 300).filter(
    (hand) => apart(hand, gesture.features, shapeFeatureCount) <= gesture.radius,
  );
  expect(shown.length).toBeGreaterThan(290);
  const other = centre.map((value, at) => (at < 8 ? value + 1 : value));
  expect(apart(other, gesture.features, shapeFeatureCount)).toBeGreaterThan(gesture.radius);
});

test("a hand that held still does not make a gesture that nobody can show again", () => {
  expect(makeGesture("still", many(0), false)!.radius).toBeGreaterThanOrEqual(0.25);
});

test("a second of something else does not make everything the gesture", () => {
  const mixed = [...many(0.1, 60), ...many(3, 30)];
  expect(makeGesture("mixed", mixed, false)!.radius).toBeLessThan(0.5);
});

test("how the hand is held widens an oriented gesture alone", () => {
  const turned = many(0.1).map((hand) =>
    hand.map((value, at) => (at < shapeFeatureCount ? value : value + normal() * 0.6)),
  );
  const shape = makeGesture("turned", turned, false)!;
  expect(makeGesture("turned", turned, true)!.radius).toBeGreaterThan(shape.radius);
});

test("too few hands make none, and what is not whole does not count", () => {
  expect(makeGesture("few", many(0.1, leastExamples - 1), false)).toBeNull();
  const broken = many(0.1, leastExamples).map((hand) => [...hand.slice(1), Number.NaN]);
  expect(makeGesture("broken", broken, false)).toBeNull();
});
