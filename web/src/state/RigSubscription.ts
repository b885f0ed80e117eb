import type { PublisherSession } from "mocast-client";
import type { Phase } from "./LiveController";
import type { Store } from "./Store";

/** What the subscription needs of `LiveController`. */
interface Live {
  readonly phase: Store<Phase>;
  readonly session: Pick<PublisherSession, "openRig"> | null;
}

/** Opens each session's `rig` channel while there is a listener: the server computes no rig that nobody reads. */
export class RigSubscription {
  private onMessage: ((message: ArrayBuffer) => void) | null = null;
  private close: (() => void) | null = null;

  constructor(private readonly live: Live) {
    live.phase.watch(() => this.openOrClose());
  }

  /** Call `onMessage` with each message, of this session and of those that follow it; returns the function that ends it. */
  listen(onMessage: (message: ArrayBuffer) => void): () => void {
    this.onMessage = onMessage;
    this.openOrClose();
    return () => {
      if (this.onMessage !== onMessage) return;
      this.onMessage = null;
      this.openOrClose();
    };
  }

  private openOrClose(): void {
    const isWanted = this.onMessage !== null && this.live.phase.value.is === "live";
    if (isWanted && !this.close)
      this.close = this.live.session?.openRig((message) => this.onMessage?.(message)) ?? null;
    if (isWanted) return;
    this.close?.();
    this.close = null;
  }
}
