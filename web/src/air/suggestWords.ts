import { knownWords } from "./knownWords";

/** The words that may be meant by their first letters, the likeliest first; `typed`: what was typed before, the newest last. */
export function suggestWords(letters: string, typed: readonly string[], count: number): readonly string[] {
  const wanted = letters.toLowerCase();
  const found = knownWords(typed).filter((word) => word.length > wanted.length && word.startsWith(wanted));
  return [...new Set(found)].slice(0, count);
}
