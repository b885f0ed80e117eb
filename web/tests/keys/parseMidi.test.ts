import { expect, test } from "vitest";
import { parseMidi } from "../../src/keys/parseMidi";

test.each([
  [[0x90, 36, 100], { name: "note 1 36", isDown: true }],
  [[0x99, 36, 1], { name: "note 10 36", isDown: true }],
  [[0x90, 36, 0], { name: "note 1 36", isDown: false }],
  [[0x8f, 36, 64], { name: "note 16 36", isDown: false }],
  [[0xb0, 20, 127], { name: "control 1 20", isDown: true }],
  [[0xb0, 20, 0], { name: "control 1 20", isDown: false }],
  [[0xb0, 123, 0], null],
  [[0xe0, 0, 64], null],
  [[0xf8], null],
  [[0x90], null],
])("MIDI bytes %j are %j", (bytes, signal) => {
  expect(parseMidi(bytes)).toEqual(signal);
});
