import type { Failure } from "../Failure";
import { Store } from "./Store";

const SHOWN_MS = 8000;

/** What is shown for a while: the server's notice, or a failure that did not end the session; empty: nothing. */
export class NoticeStore extends Store<string | Failure> {
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super("");
  }

  /** Show a notice for a while, or, where it is lasting, until `clear`. */
  show(notice: string | Failure, isLasting = false): void {
    this.set(notice);
    clearTimeout(this.timer);
    if (!isLasting) this.timer = setTimeout(() => this.clear(), SHOWN_MS);
  }

  clear(): void {
    this.set("");
  }
}
