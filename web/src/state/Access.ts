import { authorization } from "../api/authorization";
import { storage } from "../storage/storage";
import { takeToken } from "../storage/takeToken";
import { Store } from "./Store";
import { tokenExpiry } from "./tokenExpiry";

/** How long before its end a token's end is announced. */
const ANNOUNCED_MS = 5 * 60_000;
/** The longest time that browsers' timers know. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The token that this tab calls the server with, and whether the person is asked for one. */
export class Access {
  /** `first`: there was none. `another`: the one that there was is not valid, or not enough. */
  readonly asked = new Store<"no" | "first" | "another">("no");
  /** When the token expires, milliseconds since 1970, once that is near; else `null`. */
  readonly endsAt = new Store<number | null>(null);
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** `onGiven`: the person has given a token. */
  constructor(private readonly onGiven: () => void) {
    this.use(takeToken());
    authorization.onRefused = () => this.ask();
    // The address of another link to this page was opened in this tab.
    addEventListener("hashchange", () => {
      const token = takeToken();
      if (token !== authorization.token) this.give(token);
    });
  }

  get hasToken(): boolean {
    return authorization.token !== "";
  }

  ask(): void {
    this.asked.set(this.hasToken ? "another" : "first");
  }

  /** Use a token that the person gave. */
  give(token: string): void {
    storage.saveToken(token);
    this.use(token);
    this.asked.set("no");
    this.onGiven();
  }

  private use(token: string): void {
    authorization.token = token;
    clearTimeout(this.timer);
    this.endsAt.set(null);
    const endsAt = tokenExpiry(token);
    if (endsAt === null) return;
    const waitMs = Math.max(0, endsAt - ANNOUNCED_MS - Date.now());
    if (waitMs < LONGEST_TIMER_MS) this.timer = setTimeout(() => this.endsAt.set(endsAt), waitMs);
  }
}
