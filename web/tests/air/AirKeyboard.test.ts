import { expect, test } from "vitest";
import { AirKeyboard } from "../../src/air/AirKeyboard";
import { keyAt } from "../../src/air/keyAt";
import { keyboardKeys } from "../../src/air/keyboardKeys";
import { suggestWords } from "../../src/air/suggestWords";
import { TypedText } from "../../src/air/TypedText";
import { simulatedHand } from "./SimulatedHand";

const ZONE = { x: 0.5, y: 0.5, size: 0.4 };
const still = { image: 0, worldM: 0 };

/** A hand on this key. */
function handOn(id: string, closed: number) {
  const key = keyboardKeys([]).find((one) => one.id === id)!;
  const middle = {
    x: ZONE.x + (0.5 - (key.x + key.width / 2)) * ZONE.size,
    y: ZONE.y + (key.y + key.height / 2 - 0.5) * ZONE.size,
  };
  return simulatedHand(middle, closed, still, () => 0);
}

test("keys fill the surface, and no two of them overlap", () => {
  const keys = keyboardKeys(["the", "and"]);
  expect(keys.reduce((sum, { width, height }) => sum + width * height, 0)).toBeCloseTo(1, 6);
  expect(new Set(keys.map(({ id }) => id)).size).toBe(keys.length);
  for (let x = 0.005; x < 1; x += 0.01)
    for (let y = 0.005; y < 1; y += 0.01)
      expect(keys.filter((key) => keyAt([key], x, y, null)).length).toBeGreaterThan(0);
  expect(keyAt(keys, 1, 1, null)?.id).toBe("!");
  expect(keyAt(keys, 0, 0, null)?.label).toBe("the");
});

test("a cursor on the border of two keys stays on the one where it was", () => {
  const keys = keyboardKeys([]);
  expect(keyAt(keys, 0.105, 0.3, null)?.id).toBe("w");
  expect(keyAt(keys, 0.105, 0.3, "q")?.id).toBe("q");
  expect(keyAt(keys, 0.12, 0.3, "q")?.id).toBe("w");
});

test("both hands type, whichever pinches", () => {
  const keyboard = new AirKeyboard(ZONE);
  const show = (frame: number, left: number, right: number) =>
    keyboard.update({ pts: frame * 3000, leftHand: handOn("h", left), rightHand: handOn("i", right) })!;
  show(0, 0, 0);
  expect(show(1, 1, 0).text).toBe("h");
  expect(show(2, 1, 1).text).toBe("hi");
  expect(show(3, 1, 1)).toMatchObject({ text: "hi", pressed: [] });
});

test("a frame that comes late or twice presses nothing, and timestamps wrap around", () => {
  const keyboard = new AirKeyboard(ZONE);
  const show = (pts: number, closed: number) =>
    keyboard.update({ pts: pts >>> 0, leftHand: null, rightHand: handOn("a", closed) });
  show(-6000, 0);
  expect(show(-6000, 1)).toBeNull();
  expect(show(-9000, 1)).toBeNull();
  show(-3000, 0);
  expect(show(3000, 1)?.text).toBe("a");
});

test("a suggestion completes the word with its space, which a mark takes back", () => {
  const typed = new TypedText();
  typed.press({ is: "text", text: "H" });
  typed.press({ is: "word", word: "hello" });
  expect(typed.text).toBe("Hello ");
  typed.press({ is: "text", text: "!" });
  expect(typed.text).toBe("Hello!");
  typed.press({ is: "word", word: "" });
  typed.press({ is: "back" });
  expect([typed.text, typed.letters]).toEqual(["Hello", "Hello"]);
  typed.press({ is: "clear" });
  expect(typed.text).toBe("");
});

test("words are suggested by their first letters, those that were typed before first", () => {
  expect(suggestWords("th", [], 3)).toEqual(["the", "that", "this"]);
  expect(suggestWords("mo", ["mocast", "mole", "mocast"], 2)).toEqual(["mocast", "mole"]);
  expect(suggestWords("THE", [], 1)).toEqual(["they"]);
  expect(suggestWords("zzz", [], 3)).toEqual([]);
  const typed = new TypedText();
  for (const text of [..."mocast "]) typed.press({ is: "text", text });
  expect(suggestWords("moc", typed.words, 3)).toEqual(["mocast"]);
});

test("words a minute count from the first key", () => {
  const keyboard = new AirKeyboard(ZONE);
  const keys = keyboardKeys([]);
  const show = (second: number) =>
    keyboard.update({ pts: second * 90_000, leftHand: null, rightHand: null })!;
  for (let second = 0; second < 11; second += 1) {
    show(second);
    keyboard.press(keys.find(({ id }) => id === "a")!);
  }
  expect(keyboard.state().wordsPerMinute).toBeCloseTo(12, 5);
});
