const SHOWN_MS = 5000;

/** A note at the foot of the page, shown for a while after the pointer moved. */
export class Hint {
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly element: HTMLElement) {
    element.hidden = false;
    for (const name of ["pointermove", "pointerdown", "keydown", "focusin"])
      addEventListener(name, () => this.show());
  }

  show(): void {
    this.element.classList.add("is-shown");
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.element.classList.remove("is-shown"), SHOWN_MS);
  }
}
