/** What a key does when it is pressed. */
export type KeyAction =
  | { readonly is: "text"; readonly text: string }
  /** Completes the word that is being typed. */
  | { readonly is: "word"; readonly word: string }
  | { readonly is: "back" }
  | { readonly is: "clear" };

/** A key of the keyboard in the air. Its place is on the keyboard's surface, 0..1 from the top left. */
export interface Key {
  /** The same for the same key, whatever it says. */
  readonly id: string;
  readonly label: string;
  readonly action: KeyAction;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
