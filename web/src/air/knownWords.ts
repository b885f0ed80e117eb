import { commonWords } from "./commonWords";

/** The words that were typed, the newest first, then common ones. `typed`: the newest last. */
export function knownWords(typed: readonly string[]): readonly string[] {
  return [...typed].reverse().concat(commonWords);
}
