const TICK_MS = 250;

/**
 * Notices that the other side went silent, sooner than ICE does.
 *
 * A tick that comes late means that this page was frozen, not that the server was silent; then the silence is counted
 * from the moment of waking.
 */
export class Watchdog {
  private readonly timer: ReturnType<typeof setInterval>;
  private heardAtMs: number;
  private tickedAtMs: number;

  constructor(
    private readonly silenceMs: number,
    private readonly onSilence: () => void,
    private readonly nowMs: () => number = () => performance.now(),
  ) {
    this.heardAtMs = this.tickedAtMs = nowMs();
    this.timer = setInterval(() => this.tick(), TICK_MS);
  }

  /** Something was heard. */
  feed(): void {
    this.heardAtMs = this.nowMs();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private tick(): void {
    const now = this.nowMs();
    // Hidden pages get one tick a second.
    if (now - this.tickedAtMs > 1500) this.heardAtMs = now;
    this.tickedAtMs = now;
    if (now - this.heardAtMs < this.silenceMs) return;
    this.stop();
    this.onSilence();
  }
}
