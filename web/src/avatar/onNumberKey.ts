/** Call `handler` with 0 to 8 when a key from 1 to 9 is pressed and nobody types; returns what ends it. */
export function onNumberKey(handler: (index: number) => void): () => void {
  const listener = (event: KeyboardEvent) => {
    const [, digit] = /^(?:Digit|Numpad)([1-9])$/.exec(event.code) ?? [];
    if (!digit || event.repeat || event.ctrlKey || event.metaKey || event.altKey || isTyped(event.target))
      return;
    handler(Number(digit) - 1);
  };
  addEventListener("keydown", listener);
  return () => removeEventListener("keydown", listener);
}

function isTyped(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest("input:not([type=radio], [type=checkbox]), textarea, select") !== null
  );
}
