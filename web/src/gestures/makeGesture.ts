import type { CustomGesture } from "mocast-client";
import { featureCount, shapeFeatureCount } from "./features";

/** Less than this is seldom the gesture that was meant: a second of a hand at the fewest frames that are of use. */
export const leastExamples = 10;

/** Nobody shows a gesture twice as alike as in the seconds of its examples, so these must not narrow it... */
const LEAST_RADIUS = 0.25;
/** ...and a hand that did something else meanwhile must not make everything the gesture. */
const MOST_RADIUS = 0.45;
/** Over the distance from their mean that 95 of 100 examples keep. */
const MARGIN = 1.5;
const INNER = 0.95;

/** The gesture of these examples, each the features of a hand; `null` where there are too few. */
export function makeGesture(
  name: string,
  examples: readonly (readonly number[])[],
  oriented: boolean,
): Required<CustomGesture> | null {
  const whole = examples.filter((one) => one.length === featureCount && one.every(Number.isFinite));
  if (whole.length < leastExamples) return null;
  const features = Array.from({ length: featureCount }, (_, at) => mean(whole.map((one) => one[at])));
  const used = oriented ? featureCount : shapeFeatureCount;
  const distances = whole.map((one) => rootMeanSquare(one.slice(0, used), features)).sort((a, b) => a - b);
  const inner = distances[Math.floor(INNER * (distances.length - 1))];
  const radius = Math.min(Math.max(MARGIN * inner, LEAST_RADIUS), MOST_RADIUS);
  return { name, features: features.map(rounded), radius: rounded(radius), hand: "any", oriented };
}

function rootMeanSquare(values: readonly number[], centre: readonly number[]): number {
  return Math.sqrt(mean(values.map((value, at) => (value - centre[at]) ** 2)));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function rounded(value: number): number {
  return Number(value.toFixed(4));
}
