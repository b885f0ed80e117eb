import { roomNameRule, roomPattern } from "mocast-client";

/** Reads one option of a page's address after the other, and collects what is wrong with them. */
export class QueryReader {
  private readonly found: string[] = [];
  private readonly read = new Set<string>();

  constructor(private readonly query: URLSearchParams) {}

  /** The value of an option, which the page has, whether it is there or not. */
  text(name: string): string {
    this.read.add(name);
    return this.query.get(name)?.trim() ?? "";
  }

  /** The words of an option, which stand with commas between. */
  words(name: string): string[] {
    return this.text(name)
      .split(",")
      .map((word) => word.trim())
      .filter(Boolean);
  }

  /** A room's name; `null` where there is none, or one that cannot be a room's. */
  room(name: string): string | null {
    const room = this.text(name);
    return room !== "" && this.areRooms(name, [room]) ? room : null;
  }

  /** Names of rooms, each once; none where one of them cannot be a room's. */
  rooms(name: string): string[] {
    const rooms = [...new Set(this.words(name))];
    return this.areRooms(name, rooms) ? rooms : [];
  }

  private areRooms(name: string, rooms: readonly string[]): boolean {
    const wrong = rooms.find((room) => !roomPattern.test(room));
    return wrong === undefined || this.refuse(`${name}= cannot be “${wrong}”. ${roomNameRule}`, false);
  }

  refuse<Value>(problem: string, fallback: Value): Value {
    this.found.push(problem);
    return fallback;
  }

  /**
   * What cannot be used, each in a sentence, when all has been read: values, and names that are no option's, such as
   * `frame` for `framing`. `silent`: names of which nothing is said.
   */
  problems(silent: readonly string[]): string[] {
    const options = [...this.read].filter((name) => !silent.includes(name));
    const known = [...options, ...silent];
    const unknown = [...new Set(this.query.keys())].filter((name) => !known.includes(name));
    if (unknown.length === 0) return this.found;
    const names = unknown.map((name) => `“${name}”`).join(", ");
    return [...this.found, `This page has no option ${names}: there are ${options.join(", ")}.`];
  }
}
