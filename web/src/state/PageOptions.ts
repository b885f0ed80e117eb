import type { Drawer } from "./OwnPicture";

/** What the address of the page says. */
export interface PageOptions {
  /** `null`: the tab's own. */
  readonly room: string | null;
  /** What this page's camera is for, beside another of the room's: docs/mixing.md. */
  readonly part: "face" | "body" | undefined;
  /** Whether TURN relays alone are used. */
  readonly relayOnly: boolean;
  /** `null`: as it was chosen on the page. */
  readonly drawer: Drawer | null;
  /** What in the address cannot be used, each in a sentence. */
  readonly problems: readonly string[];
}
