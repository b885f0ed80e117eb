import type { Publisher, PublisherEvents, StreamName } from "mocast-client";
import type { Store } from "./Store";

/**
 * Receives a stream of each session while there is a listener: the server computes no rig and no analysis that nobody reads.
 */
export class StreamSubscription<Name extends StreamName> {
  private listener: ((value: PublisherEvents[Name]) => void) | null = null;
  private stop: () => void = () => undefined;

  constructor(
    private readonly name: Name,
    private readonly publisher: Store<Pick<Publisher, "on"> | null>,
  ) {
    publisher.watch(() => this.attach());
  }

  /** Call `listener` with each value, of this session and of those that follow it; returns the function that ends it. */
  listen(listener: (value: PublisherEvents[Name]) => void): () => void {
    this.listener = listener;
    this.attach();
    return () => {
      if (this.listener !== listener) return;
      this.listener = null;
      this.attach();
    };
  }

  private attach(): void {
    this.stop();
    const { listener, publisher } = this;
    this.stop = (listener && publisher.value?.on(this.name, listener)) ?? (() => undefined);
  }
}
