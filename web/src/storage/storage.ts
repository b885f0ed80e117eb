/** What the browser remembers of the page: per tab (its room and session) and for all tabs (settings and the like). */
export interface TabState {
  readonly room: string;
  readonly sessionId: string | null;
  /** Whether the camera was on when the page went away, so that a reload goes on. */
  readonly wasLive: boolean;
}

const TAB_KEY = "mocast.own";
const TOKEN_KEY = "mocast.token";
const PAGE_KEY = "mocast.page";

export const storage = {
  loadTab(): TabState | null {
    return read<TabState>(sessionStorage, TAB_KEY);
  },

  saveTab(state: TabState): void {
    write(sessionStorage, TAB_KEY, state);
  },

  /** The token of this tab; gone when it is closed. */
  loadToken(): string {
    return read<string>(sessionStorage, TOKEN_KEY) ?? "";
  },

  saveToken(token: string): void {
    write(sessionStorage, TOKEN_KEY, token);
  },

  /** Which of the pages (Live, Avatar and so on) this tab showed last. */
  loadPage(): string | null {
    return read<string>(sessionStorage, PAGE_KEY);
  },

  savePage(name: string): void {
    write(sessionStorage, PAGE_KEY, name);
  },

  load<Value>(key: string): Value | null {
    return read<Value>(localStorage, `mocast.${key}`);
  },

  save(key: string, value: unknown): void {
    write(localStorage, `mocast.${key}`, value);
  },
};

/** `null` where storage is off or holds what another version wrote. */
function read<Value>(area: Storage, key: string): Value | null {
  try {
    return JSON.parse(area.getItem(key) ?? "null") as Value | null;
  } catch {
    return null;
  }
}

/** Does nothing where storage is full or off: the page works without. */
function write(area: Storage, key: string, value: unknown): void {
  try {
    area.setItem(key, JSON.stringify(value));
  } catch {
    // The value is not remembered; nothing else depends on it.
  }
}
