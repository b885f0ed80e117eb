import type { Background } from "../avatar/Background";
import type { Framing } from "../avatar/Framing";
import type { LightPreset } from "../avatar/LightPreset";
import type { StageLight } from "../avatar/StageLight";
import { QueryReader } from "../QueryReader";
import type { ViewerPageOptions } from "./ViewerPageOptions";

const FRAMINGS: readonly string[] = ["face", "bust", "full"] satisfies Framing[];
const LIGHTS: readonly string[] = ["soft", "key", "rim", "dark"] satisfies LightPreset[];
/** On one stage: each is a connection, and an avatar to draw. */
const MOST_ROOMS = 8;
/** Taken out of the address when it has been read, but for an empty one. */
const SILENT = ["access_token"];
const HEX = /^([\da-f]{3}|[\da-f]{6})$/i;

/**
 * Parse the query of avatar.html. What cannot be used is left out and said in `problems`: a stream goes on with the rest.
 *
 * `page`: the page's own address, which all others are relative to; `isColour`: whether CSS knows this colour.
 */
export function parseViewerQuery(
  query: URLSearchParams,
  page: string,
  isColour: (colour: string) => boolean,
): ViewerPageOptions {
  const reader = new ViewerQueryReader(query, page, isColour);
  const rooms = reader.allRooms();
  const [avatar, ...guestAvatars] = reader.ownAddresses("avatar");
  return {
    room: rooms[0] ?? "",
    rooms,
    people: reader.people(),
    avatar: avatar ?? "",
    guestAvatars,
    animation: reader.ownAddress("animation"),
    framing: reader.framing(),
    background: reader.background(),
    mirror: reader.flag("mirror", false),
    looksAtCamera: reader.flag("look", false),
    light: reader.light(),
    wind: reader.wind(),
    smooth: reader.flag("smooth", true),
    sound: reader.flag("sound", false),
    problems: reader.problems(SILENT),
  };
}

class ViewerQueryReader extends QueryReader {
  constructor(
    query: URLSearchParams,
    private readonly page: string,
    private readonly isColour: (colour: string) => boolean,
  ) {
    super(query);
  }

  /** Of `rooms`, else of `room`. */
  allRooms(): string[] {
    const [rooms, room] = [this.rooms("rooms"), this.room("room")];
    if (rooms.length > MOST_ROOMS) return this.refuse(`rooms= has ${MOST_ROOMS} rooms at most.`, []);
    return rooms.length > 0 || room === null ? rooms : [room];
  }

  people(): number {
    const text = this.text("people") || "1";
    return /^[1-4]$/.test(text) ? Number(text) : this.refuse("people= is from 1 to 4.", 1);
  }

  ownAddresses(name: string): string[] {
    return this.words(name)
      .map((text) => this.ownAddressOf(name, text))
      .filter(Boolean);
  }

  ownAddress(name: string): string {
    return this.ownAddressOf(name, this.text(name));
  }

  private ownAddressOf(name: string, text: string): string {
    if (text === "") return "";
    const url = resolved(text, this.page);
    return url?.origin === new URL(this.page).origin
      ? url.href
      : this.refuse(`${name}= must be an address of this server.`, "");
  }

  flag(name: string, fallback: boolean): boolean {
    const text = this.text(name);
    if (text === "") return fallback;
    if (/^(true|1|yes)$/.test(text)) return true;
    if (/^(false|0|no)$/.test(text)) return false;
    return this.refuse(`${name}= is true or false.`, fallback);
  }

  framing(): Framing {
    const text = this.text("framing") || "bust";
    if (FRAMINGS.includes(text)) return text as Framing;
    return this.refuse(`framing= is one of ${FRAMINGS.join(", ")}.`, "bust");
  }

  light(): StageLight {
    const preset = this.text("light") || "soft";
    if (!LIGHTS.includes(preset)) this.refuse(`light= is one of ${LIGHTS.join(", ")}.`, null);
    return { preset: LIGHTS.includes(preset) ? (preset as LightPreset) : "soft", colour: this.tint() };
  }

  private tint(): string {
    const text = this.text("tint") || "ffffff";
    const colour = HEX.test(text) ? `#${text}` : text;
    return this.isColour(colour) ? colour : this.refuse("tint= is a colour.", "#ffffff");
  }

  wind(): number {
    const text = this.text("wind") || "0";
    const strength = Number(text);
    return strength >= 0 && strength <= 1 ? strength : this.refuse("wind= is from 0 to 1.", 0);
  }

  background(): Background {
    const text = this.text("background");
    if (text === "" || text === "transparent") return { kind: "transparent" };
    if (text.includes("/")) {
      const url = this.ownAddress("background");
      return url ? { kind: "picture", url } : { kind: "transparent" };
    }
    // A # in an address begins its fragment, so it is left out there.
    const colour = HEX.test(text) ? `#${text}` : text;
    if (this.isColour(colour)) return { kind: "colour", colour };
    return this.refuse("background= is transparent, a colour or a picture's address.", {
      kind: "transparent",
    });
  }
}

function resolved(address: string, base: string): URL | null {
  try {
    return new URL(address, base);
  } catch {
    return null;
  }
}
