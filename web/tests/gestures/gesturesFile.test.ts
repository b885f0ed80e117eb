import { expect, test } from "vitest";
import { featureCount } from "../../src/gestures/features";
import { readGestures, writeGestures } from "../../src/gestures/gesturesFile";

const gesture = {
  name: "spock",
  features: Array.from({ length: featureCount }, (_, at) => at / 10),
  radius: 0.3,
  hand: "any",
  oriented: false,
} as const;
const file = (gestures: unknown, more: object = {}) =>
  JSON.stringify({ type: "mocast-gestures", version: 1, gestures, ...more });

test("what is exported can be imported", () => {
  expect(readGestures(writeGestures([gesture]))).toEqual([gesture]);
});

test("nothing but the gesture is taken out of a file", () => {
  expect(readGestures(file([{ ...gesture, script: "x" }]))).toEqual([gesture]);
});

test.each([
  ["no JSON", "{", "This file holds no gestures."],
  ["another file", '{"type": "recording"}', "This file holds no gestures."],
  ["nothing", "null", "This file holds no gestures."],
  ["another version", file([], { version: 2 }), "These gestures are of another version."],
  [
    "too few features",
    file([gesture, { ...gesture, features: [1] }]),
    "Gesture 2 of this file cannot be read.",
  ],
  ["a text for a number", file([{ ...gesture, radius: "0.3" }]), "Gesture 1 of this file cannot be read."],
  ["no name", file([{ ...gesture, name: " " }]), "Gesture 1 of this file cannot be read."],
])("%s is refused in one sentence", (_, text, sentence) => {
  expect(() => readGestures(text)).toThrow(sentence);
});
