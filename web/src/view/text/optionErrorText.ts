import type { OptionError } from "mocast-client";
import { asSentence } from "./asSentence";

/** What is wrong with an option, with its name as the page calls it: "Line width: Input should be …", "Output 1, port: …". */
export function optionErrorText({ detail, parameter, pointer }: OptionError): string {
  const name = parameter ?? pointerText(pointer ?? "");
  const words = name.replaceAll("_", " ");
  return words ? `${words[0].toUpperCase()}${words.slice(1)}: ${asSentence(detail)}` : asSentence(detail);
}

/** The last names of a JSON pointer, an item by its number from 1: `#/outputs/0/port` is "output 1, port". */
function pointerText(pointer: string): string {
  const names = pointer.replace(/^#?\/?/, "").split("/");
  const item = names.findLastIndex((name) => /^\d+$/.test(name));
  const last = names.at(-1) ?? "";
  if (item < 1) return last;
  const one = `${names[item - 1].replace(/s$/, "")} ${Number(names[item]) + 1}`;
  return item === names.length - 1 ? one : `${one}, ${last}`;
}
