import { roomPattern } from "../api/generated";
import type { Background } from "../avatar/Background";
import type { Framing } from "../avatar/Framing";
import type { ViewerPageOptions } from "./ViewerOptions";

const FRAMINGS: readonly string[] = ["face", "bust", "full"] satisfies Framing[];
const HEX = /^([\da-f]{3}|[\da-f]{6})$/i;

/**
 * Read the query of `avatar.html`. What cannot be used is said and left out: a stream goes on with the rest.
 *
 * `page`: the page's own address, which all others are relative to; `isColour`: whether CSS knows this colour.
 */
export function parseViewerQuery(
  query: URLSearchParams,
  page: string,
  isColour: (colour: string) => boolean,
): ViewerPageOptions {
  const problems: string[] = [];
  const refuse = <Value>(problem: string, value: Value): Value => {
    problems.push(problem);
    return value;
  };
  const text = (name: string) => query.get(name)?.trim() ?? "";

  const ownAddress = (name: string): string => {
    const asked = text(name);
    if (asked === "") return "";
    const url = resolved(asked, page);
    return url?.origin === new URL(page).origin
      ? url.href
      : refuse(`${name}= must be an address of this server.`, "");
  };
  const flag = (name: string, usual: boolean): boolean => {
    const asked = text(name);
    if (asked === "") return usual;
    if (/^(true|1|yes)$/.test(asked)) return true;
    if (/^(false|0|no)$/.test(asked)) return false;
    return refuse(`${name}= is true or false.`, usual);
  };
  const background = (): Background => {
    const asked = text("background");
    if (asked === "" || asked === "transparent") return { kind: "transparent" };
    if (asked.includes("/")) {
      const url = ownAddress("background");
      return url ? { kind: "picture", url } : { kind: "transparent" };
    }
    // A # in an address begins its fragment, so it is left out there.
    const colour = HEX.test(asked) ? `#${asked}` : asked;
    if (isColour(colour)) return { kind: "colour", colour };
    return refuse("background= is transparent, a colour or a picture's address.", { kind: "transparent" });
  };
  const framing = (): Framing => {
    const asked = text("framing") || "bust";
    if (FRAMINGS.includes(asked)) return asked as Framing;
    return refuse(`framing= is one of ${FRAMINGS.join(", ")}.`, "bust");
  };
  const room = (): string => {
    const asked = text("room");
    return asked === "" || roomPattern.test(asked) ? asked : refuse("room= is no room's name.", "");
  };
  return {
    room: room(),
    avatar: ownAddress("avatar"),
    animation: ownAddress("animation"),
    framing: framing(),
    background: background(),
    mirror: flag("mirror", false),
    smooth: flag("smooth", true),
    problems,
  };
}

function resolved(address: string, base: string): URL | null {
  try {
    return new URL(address, base);
  } catch {
    return null;
  }
}
