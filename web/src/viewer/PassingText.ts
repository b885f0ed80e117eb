const SHOWN_MS = 10_000;

/** A sentence for who has just done something: over a stream it must not stay. */
export class PassingText {
  private shown = "";
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly onChange: () => void) {}

  /** Empty: nothing is said, or no more. */
  get text(): string {
    return this.shown;
  }

  show(text: string): void {
    clearTimeout(this.timer);
    this.shown = text;
    if (text) this.timer = setTimeout(() => this.show(""), SHOWN_MS);
    this.onChange();
  }
}
