import type { Background } from "../avatar/Background";
import type { Framing } from "../avatar/Framing";
import type { StageLight } from "../avatar/StageLight";

/** What the address of `avatar.html` says: docs/avatars.md. */
export interface ViewerPageOptions {
  /** The room to follow, the first of `rooms`; empty: none, the avatar idles. */
  readonly room: string;
  /** All rooms to follow, whose people stand side by side in this order. */
  readonly rooms: readonly string[];
  /** Of how many people in each room there are avatars, as far as they are tracked. */
  readonly people: number;
  /** Addresses of this server, or empty. */
  readonly avatar: string;
  /** Those of the others' avatars, in the order of the stage; the last one is of all that follow. */
  readonly guestAvatars: readonly string[];
  readonly animation: string;
  readonly framing: Framing;
  readonly background: Background;
  readonly mirror: boolean;
  /** Whether its eyes look at whoever watches. */
  readonly looksAtCamera: boolean;
  readonly light: StageLight;
  /** How strongly it blows: 0 (none) to 1. */
  readonly wind: number;
  readonly smooth: boolean;
  /** Whether the room's sound plays at once: without it, a button turns it on, and there is none in OBS. */
  readonly sound: boolean;
  /** What in the address cannot be used, each in a sentence. */
  readonly problems: readonly string[];
}
