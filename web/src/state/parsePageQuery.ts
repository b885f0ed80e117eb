import { roomPattern } from "mocast-client";
import { unknownOptions } from "../unknownOptions";
import type { PageOptions } from "./PageOptions";

const KNOWN = ["room", "part", "draw", "relay"];
/** An older name of `draw`, and what is taken out of the address when it has been read. */
const SILENT = ["return", "access_token"];
const DRAWN = { here: "here", server: "server", none: "here", video: "server" } as const;
const PARTS = { all: undefined, face: "face", body: "body" } as const;
const RELAYS = { "1": true, "0": false, true: true, false: false } as const;

/** Parse the query of the page. What cannot be used is left out and said in `problems`. */
export function parsePageQuery(query: URLSearchParams): PageOptions {
  const problems: string[] = [];
  const text = (name: string) => query.get(name)?.trim() ?? "";
  /** The value that a word stands for; without the word, or with another one, `fallback`. */
  const choice = <Value>(name: string, words: Record<string, Value>, fallback: Value, rule: string) => {
    const word = text(name);
    if (Object.hasOwn(words, word)) return words[word];
    if (word !== "") problems.push(`${name}= is ${rule}.`);
    return fallback;
  };
  const room = text("room");
  const isRoom = roomPattern.test(room);
  if (room !== "" && !isRoom)
    problems.push("room= is 1 to 64 letters (A to Z), digits, dots, dashes or underscores.");
  return {
    room: isRoom ? room : null,
    part: choice("part", PARTS, undefined, "face, body or all"),
    drawer: choice(query.has("draw") ? "draw" : "return", DRAWN, null, "here or server"),
    relayOnly: choice("relay", RELAYS, false, "1 or 0"),
    problems: [...problems, ...unknownOptions(query, KNOWN, SILENT)],
  };
}
