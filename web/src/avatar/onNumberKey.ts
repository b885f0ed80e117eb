/** What a person may press beside the number keys. */
type Modifier = "none" | "shift";

/**
 * Call `handler` with 0 to 8 when a key from 1 to 9 is pressed with this modifier, and nobody types, and `onRelease` when it is
 * let go; returns what ends it.
 */
export function onNumberKey(
  modifier: Modifier,
  handler: (index: number) => void,
  onRelease: (index: number) => void = () => undefined,
): () => void {
  const listener = (event: KeyboardEvent) => {
    const { repeat, ctrlKey, metaKey, altKey, shiftKey } = event;
    const index = indexOf(event);
    if (index === null || repeat || ctrlKey || metaKey || altKey || isTyped(event.target)) return;
    if (shiftKey === (modifier === "shift")) handler(index);
  };
  // The modifier may be let go first.
  const upListener = (event: KeyboardEvent) => {
    const index = indexOf(event);
    if (index !== null) onRelease(index);
  };
  addEventListener("keydown", listener);
  addEventListener("keyup", upListener);
  return () => {
    removeEventListener("keydown", listener);
    removeEventListener("keyup", upListener);
  };
}

/** The place of a number key; `null`: another key. Told by where the key is: with Shift it writes something else. */
function indexOf({ code }: KeyboardEvent): number | null {
  const [, digit] = /^(?:Digit|Numpad)([1-9])$/.exec(code) ?? [];
  return digit ? Number(digit) - 1 : null;
}

function isTyped(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest("input:not([type=radio], [type=checkbox], [type=range]), textarea, select") !== null
  );
}
