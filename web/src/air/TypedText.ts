import type { KeyAction } from "./Key";

const LAST_WORD = /[a-z']*$/i;
/** Nobody types more by hand; the screen shows the end of it. */
const LIMIT = 2000;
/** Shorter words are typed as fast as they are chosen. */
const REMEMBERED_LENGTH = 4;
const REMEMBERED_LIMIT = 200;

/** A text that grows key by key, and the words that were typed in it. */
export class TypedText {
  private written = "";
  private readonly own: string[] = [];

  get text(): string {
    return this.written;
  }

  /** The letters of the word at the end of the text; empty behind a space. */
  get letters(): string {
    return LAST_WORD.exec(this.written)![0];
  }

  /** Words that were typed before, the newest last. */
  get words(): readonly string[] {
    return this.own;
  }

  press(action: KeyAction): void {
    const { letters } = this;
    if (action.is === "clear") this.written = "";
    else if (action.is === "back") this.written = this.written.slice(0, -1);
    else if (action.is === "word") this.complete(action.word, letters);
    else {
      if (!/[a-z']/i.test(action.text)) this.remember(letters);
      this.write(
        /[.,?!]/.test(action.text)
          ? this.written.replace(/ $/, "") + action.text
          : this.written + action.text,
      );
    }
  }

  /** A suggested word comes with the space behind it, which a mark takes back. */
  private complete(word: string, letters: string): void {
    if (!word) return;
    this.remember(word);
    // The letters stay as they were typed.
    this.write(`${this.written}${word.slice(letters.length)} `);
  }

  private write(text: string): void {
    this.written = text.slice(0, LIMIT);
  }

  private remember(letters: string): void {
    const word = letters.toLowerCase();
    if (word.length < REMEMBERED_LENGTH) return;
    const before = this.own.indexOf(word);
    if (before >= 0) this.own.splice(before, 1);
    this.own.push(word);
    if (this.own.length > REMEMBERED_LIMIT) this.own.shift();
  }
}
