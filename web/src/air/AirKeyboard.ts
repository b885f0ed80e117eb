import type { TrackedFrame } from "mocast-client";
import type { ActiveZone } from "./ActiveZone";
import { AirCursor, type Pointer } from "./AirCursor";
import type { Key } from "./Key";
import { keyAt } from "./keyAt";
import { keyboardKeys, suggestionCount } from "./keyboardKeys";
import { letterChances } from "./letterChances";
import { pressedKey } from "./pressedKey";
import { suggestWords } from "./suggestWords";
import { TypedText } from "./TypedText";

/** What is shown of a hand. */
export interface KeyboardHand {
  readonly pointer: Pointer;
  /** The key under its cursor. */
  readonly key: Key | null;
}

/** The keyboard after a frame. */
export interface KeyboardState {
  readonly keys: readonly Key[];
  readonly text: string;
  /** Of the text so far, five characters to a word; `null` before the second word. */
  readonly wordsPerMinute: number | null;
  readonly leftHand: KeyboardHand | null;
  readonly rightHand: KeyboardHand | null;
  /** The keys that were pressed in this frame. */
  readonly pressed: readonly Key[];
}

/** Where a hand clicked, and the key that its cursor was on before. */
interface Click {
  readonly x: number;
  readonly y: number;
  readonly held: string | null;
}

/** RTP timestamps count 90,000 a second, modulo 2³². */
const PTS_PER_S = 90_000;
/** A frame that is this far ahead comes from before the last one. */
const LATE = 2 ** 31;
/** As words per minute are counted. */
const LETTERS_PER_WORD = 5;

/** A keyboard in the air: each hand has a cursor and types where it pinches. */
export class AirKeyboard {
  zone: ActiveZone;
  private readonly typed = new TypedText();
  private readonly hands = { leftHand: new AirHand(), rightHand: new AirHand() };
  private keys = keyboardKeys(suggestWords("", [], suggestionCount));
  private pts: number | null = null;
  private nowS = 0;
  /** When the text's first and its last key were pressed. */
  private typedS = { first: 0, last: 0 };

  constructor(zone: ActiveZone) {
    this.zone = zone;
  }

  /** Take a frame's hands; `null`: it is older than the one before, or the same. */
  update(frame: Pick<TrackedFrame, "pts" | "leftHand" | "rightHand">): KeyboardState | null {
    const step = (frame.pts - (this.pts ?? frame.pts)) >>> 0;
    if (step >= LATE || (step === 0 && this.pts !== null)) return null;
    this.pts = frame.pts;
    this.nowS += step / PTS_PER_S;
    const pressed: Key[] = [];
    for (const name of ["leftHand", "rightHand"] as const) {
      const { keys, zone, nowS, typed } = this;
      const click = this.hands[name].update(frame[name], nowS, zone, keys);
      const chances = letterChances(typed.letters, typed.words);
      const key = click && pressedKey(keys, click.x, click.y, click.held, chances);
      if (!key) continue;
      pressed.push(key);
      this.press(key);
    }
    return { ...this.state(), pressed };
  }

  /** Press a key, by whatever means. */
  press(key: Key): void {
    if (!this.typed.text) this.typedS.first = this.nowS;
    this.typedS.last = this.nowS;
    this.typed.press(key.action);
    this.keys = keyboardKeys(suggestWords(this.typed.letters, this.typed.words, suggestionCount));
  }

  state(): KeyboardState {
    const { keys, typed, hands } = this;
    return {
      keys,
      text: typed.text,
      wordsPerMinute: this.wordsPerMinute(),
      leftHand: hands.leftHand.shown,
      rightHand: hands.rightHand.shown,
      pressed: [],
    };
  }

  /** The first key is where the time begins, so it does not count (as text entry is measured since MacKenzie). */
  private wordsPerMinute(): number | null {
    const { typedS, typed } = this;
    const minutes = (typedS.last - typedS.first) / 60;
    const words = (typed.text.length - 1) / LETTERS_PER_WORD;
    return words > 1 && minutes > 0 ? words / minutes : null;
  }
}

/** A hand's cursor and the key that it is on. */
class AirHand {
  shown: KeyboardHand | null = null;
  private readonly cursor = new AirCursor();

  /** Returns where it clicked just now. */
  update(hand: TrackedFrame["leftHand"], nowS: number, zone: ActiveZone, keys: readonly Key[]): Click | null {
    const pointer = this.cursor.update(hand, nowS, zone);
    const held = this.shown?.key?.id ?? null;
    this.shown = pointer && { pointer, key: keyAt(keys, pointer.x, pointer.y, held) };
    return pointer?.click ? { ...pointer.click, held } : null;
  }
}
