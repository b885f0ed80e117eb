import { QueryReader } from "../QueryReader";
import type { PageOptions } from "./PageOptions";

/** An older name of `draw`, and what is taken out of the address when it has been read. */
const SILENT = ["return", "access_token"];
const DRAWN = { here: "here", server: "server", none: "here", video: "server" } as const;
const PARTS = { all: undefined, face: "face", body: "body" } as const;
const RELAYS = { "1": true, "0": false, true: true, false: false } as const;

/** Parse the query of the page. What cannot be used is left out and said in `problems`. */
export function parsePageQuery(query: URLSearchParams): PageOptions {
  const reader = new QueryReader(query);
  /** The value that a word stands for; without the word, or with another one, `fallback`. */
  const choice = <Value>(name: string, words: Record<string, Value>, fallback: Value, rule: string) => {
    const word = reader.text(name);
    if (Object.hasOwn(words, word)) return words[word];
    return word === "" ? fallback : reader.refuse(`${name}= is ${rule}.`, fallback);
  };
  return {
    room: reader.room("room"),
    part: choice("part", PARTS, undefined, "face, body or all"),
    drawer: choice("draw", DRAWN, null, "here or server") ?? choice("return", DRAWN, null, "none or video"),
    relayOnly: choice("relay", RELAYS, false, "1 or 0"),
    problems: reader.problems(SILENT),
  };
}
