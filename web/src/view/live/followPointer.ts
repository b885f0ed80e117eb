/**
 * Call `onFrame` at each frame of the display while the pointer is over the element, with its place in the element's pixels,
 * and `onLeave` when it leaves; returns the function that ends it.
 */
export function followPointer(
  element: HTMLElement,
  onFrame: (x: number, y: number) => void,
  onLeave: () => void,
): () => void {
  let request = 0;
  let x = 0;
  let y = 0;
  const tick = () => {
    onFrame(x, y);
    request = requestAnimationFrame(tick);
  };
  const move = (event: PointerEvent) => {
    if (event.target instanceof Element && event.target.closest("button, a")) return;
    const bounds = element.getBoundingClientRect();
    x = event.clientX - bounds.left;
    y = event.clientY - bounds.top;
    if (!request) tick();
  };
  const leave = () => {
    cancelAnimationFrame(request);
    request = 0;
    onLeave();
  };
  const aborter = new AbortController();
  const { signal } = aborter;
  element.addEventListener("pointermove", move, { signal });
  element.addEventListener("pointerdown", move, { signal });
  // A finger that was lifted leaves, too; the values stay to be read until the next tap.
  element.addEventListener("pointerleave", ({ pointerType }) => pointerType !== "touch" && leave(), {
    signal,
  });
  return () => {
    aborter.abort();
    leave();
  };
}
