import type { MocastSession } from "../rtc/MocastSession";
import type { Store } from "./Store";
import type { Phase } from "./Studio";

/** What the feed needs of the studio. */
interface Live {
  readonly phase: Store<Phase>;
  readonly session: Pick<MocastSession, "openRig"> | null;
}

/**
 * The rig's messages, while somebody wants them: each session has its channel opened then and closed afterwards, so
 * that the server computes no rig that nobody sees.
 */
export class RigFeed {
  private onMessage: ((message: ArrayBuffer) => void) | null = null;
  private close: (() => void) | null = null;

  constructor(private readonly live: Live) {
    live.phase.watch(() => this.adjust());
  }

  /** Call back with each message, in this session and in those that follow it; returns what ends that. */
  follow(onMessage: (message: ArrayBuffer) => void): () => void {
    this.onMessage = onMessage;
    this.adjust();
    return () => {
      if (this.onMessage !== onMessage) return;
      this.onMessage = null;
      this.adjust();
    };
  }

  private adjust(): void {
    const isWanted = this.onMessage !== null && this.live.phase.value.is === "live";
    if (isWanted && !this.close)
      this.close = this.live.session?.openRig((message) => this.onMessage?.(message)) ?? null;
    if (isWanted) return;
    this.close?.();
    this.close = null;
  }
}
