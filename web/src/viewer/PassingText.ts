const SHOWN_MS = 10_000;

/** A sentence that comes and goes: over a stream it must not stay. The same one again does not stay for longer. */
export class PassingText {
  private given = "";
  private shown = "";
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly onChange: () => void) {}

  /** Empty: nothing is said, or no more. */
  get text(): string {
    return this.shown;
  }

  show(text: string): void {
    if (text === this.given) return;
    this.given = text;
    clearTimeout(this.timer);
    this.change(text);
    if (text) this.timer = setTimeout(() => this.change(""), SHOWN_MS);
  }

  private change(text: string): void {
    this.shown = text;
    this.onChange();
  }
}
