import { knownWords } from "./knownWords";

/** The words of everyday language follow Zipf's law: the nth is said as often as 1 / (n + this), flattened for the first few. */
const FIRST_WORDS = 5;

/** How likely each letter is the next one after these, by the words that are known; empty where none begins so. */
export function letterChances(letters: string, typed: readonly string[]): ReadonlyMap<string, number> {
  const begun = letters.toLowerCase();
  const chances = new Map<string, number>();
  let sum = 0;
  knownWords(typed).forEach((word, rank) => {
    if (word.length <= begun.length || !word.startsWith(begun)) return;
    const weight = 1 / (rank + FIRST_WORDS);
    const letter = word[begun.length];
    chances.set(letter, (chances.get(letter) ?? 0) + weight);
    sum += weight;
  });
  for (const [letter, weight] of chances) chances.set(letter, weight / sum);
  return chances;
}
