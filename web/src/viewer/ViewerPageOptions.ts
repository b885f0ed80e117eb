import type { Background } from "../avatar/Background";
import type { Framing } from "../avatar/Framing";

/** What the address of `avatar.html` says: docs/avatars.md. */
export interface ViewerPageOptions {
  /** The room to follow; empty: none, the avatar idles. */
  readonly room: string;
  /** Addresses of this server, or empty. */
  readonly avatar: string;
  readonly animation: string;
  readonly framing: Framing;
  readonly background: Background;
  readonly mirror: boolean;
  readonly smooth: boolean;
  /** Whether the room's sound plays at once: without it, a button turns it on, and there is none in OBS. */
  readonly sound: boolean;
  /** What in the address cannot be used, each in a sentence. */
  readonly problems: readonly string[];
}
