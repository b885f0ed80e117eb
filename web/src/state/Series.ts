/** A ring buffer of a statistic's last values, oldest first; for a small plot. */
export class Series {
  private readonly values: Float32Array;
  private written = 0;

  constructor(readonly capacity = 60) {
    this.values = new Float32Array(capacity);
  }

  get length(): number {
    return Math.min(this.written, this.capacity);
  }

  add(value: number): void {
    this.values[this.written % this.capacity] = value;
    this.written += 1;
  }

  /** The value at `index`, 0 being the oldest that is kept. */
  at(index: number): number {
    return this.values[(this.written - this.length + index) % this.capacity];
  }

  /** All values that are kept, oldest first. */
  get all(): readonly number[] {
    return Array.from({ length: this.length }, (_, index) => this.at(index));
  }

  get last(): number | null {
    return this.written ? this.at(this.length - 1) : null;
  }

  clear(): void {
    this.written = 0;
  }
}
