/** Hands values over one at a time; one that is not taken before the next comes is dropped. */
export class LatestValue<Value> {
  private latest: { readonly value: Value } | null = null;
  private end: { readonly error: Error | null } | null = null;
  private wake: () => void = () => undefined;

  put(value: Value): void {
    this.latest = { value };
    this.wake();
  }

  /** No more values come; `error`: why, where something went wrong. */
  finish(error: Error | null): void {
    this.end ??= { error };
    this.wake();
  }

  /** The values as they come, until the end; throws its error. */
  async *values(): AsyncGenerator<Value, void, void> {
    while (true) {
      const { latest, end } = this;
      this.latest = null;
      if (latest) yield latest.value;
      else if (end?.error) throw end.error;
      else if (end) return;
      else
        await new Promise<void>((resolve) => {
          this.wake = resolve;
        });
    }
  }
}
