import type { Publisher, RigFrame } from "mocast-client";
import type { Store } from "./Store";

/** Receives the rigs of each session while there is a listener: the server computes no rig that nobody reads. */
export class RigSubscription {
  private onRig: ((rig: RigFrame) => void) | null = null;
  private stop: () => void = () => undefined;

  constructor(private readonly publisher: Store<Pick<Publisher, "on"> | null>) {
    publisher.watch(() => this.attach());
  }

  /** Call `onRig` with each rig, of this session and of those that follow it; returns the function that ends it. */
  listen(onRig: (rig: RigFrame) => void): () => void {
    this.onRig = onRig;
    this.attach();
    return () => {
      if (this.onRig !== onRig) return;
      this.onRig = null;
      this.attach();
    };
  }

  private attach(): void {
    this.stop();
    const { onRig, publisher } = this;
    this.stop = (onRig && publisher.value?.on("rig", onRig)) ?? (() => undefined);
  }
}
