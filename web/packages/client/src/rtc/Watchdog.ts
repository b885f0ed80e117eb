const TICK_MS = 250;

/**
 * Detects that no messages arrive any more, sooner than ICE does.
 *
 * A tick that comes late means that this page was frozen, not that the server was silent; then the silence is counted
 * from the moment of waking.
 */
export class Watchdog {
  private readonly timer: ReturnType<typeof setInterval>;
  private fedAtMs: number;
  private tickedAtMs: number;

  constructor(
    private readonly silenceMs: number,
    private readonly onSilence: () => void,
    private readonly nowMs: () => number = () => performance.now(),
  ) {
    this.fedAtMs = this.tickedAtMs = nowMs();
    this.timer = setInterval(() => this.tick(), TICK_MS);
  }

  /** A message arrived. */
  feed(): void {
    this.fedAtMs = this.nowMs();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private tick(): void {
    const now = this.nowMs();
    // Hidden pages get one tick a second.
    if (now - this.tickedAtMs > 1500) this.fedAtMs = now;
    this.tickedAtMs = now;
    if (now - this.fedAtMs < this.silenceMs) return;
    this.stop();
    this.onSilence();
  }
}
