import type { Key, KeyAction } from "./Key";

const LETTERS = ["qwertyuiop", "asdfghjkl", "zxcvbnm"];
/** The suggestions, three rows of letters, and the space bar's. */
const ROWS = 5;
/** Ten letters in the longest row. */
const COLUMN = 0.1;
const ROW = 1 / ROWS;

/** How many words the keyboard has room to suggest. */
export const suggestionCount = 3;

/** The keyboard's keys, which fill its surface; the first row suggests these words. */
export function keyboardKeys(suggestions: readonly string[]): readonly Key[] {
  const width = 1 / suggestionCount;
  const words = Array.from({ length: suggestionCount }, (_, at) =>
    key(
      `word-${at}`,
      suggestions[at] ?? "",
      { is: "word", word: suggestions[at] ?? "" },
      0,
      at * width,
      width,
    ),
  );
  return [...words, ...FIXED];
}

const FIXED: readonly Key[] = [
  ...row(1, LETTERS[0]),
  ...row(2, LETTERS[1]),
  key("back", "⌫", { is: "back" }, 2, 9 * COLUMN, COLUMN),
  ...row(3, `${LETTERS[2]}',.`),
  key("clear", "Clear", { is: "clear" }, 4, 0, 2 * COLUMN),
  key("space", "Space", { is: "text", text: " " }, 4, 2 * COLUMN, 6 * COLUMN),
  key("?", "?", { is: "text", text: "?" }, 4, 8 * COLUMN, COLUMN),
  key("!", "!", { is: "text", text: "!" }, 4, 9 * COLUMN, COLUMN),
];

function row(number: number, characters: string): readonly Key[] {
  return [...characters].map((text, at) =>
    key(text, text, { is: "text", text }, number, at * COLUMN, COLUMN),
  );
}

function key(id: string, label: string, action: KeyAction, row: number, x: number, width: number): Key {
  return { id, label, action, x, y: row * ROW, width, height: ROW };
}
