/** What the page remembers: in the tab (its room and session) and in the browser (the settings). */
interface Own {
  readonly room: string;
  readonly sessionId: string | null;
  /** Whether the camera was on when the page went away, so that a reload goes on. */
  readonly wasLive: boolean;
}

const OWN_KEY = "mocast.own";

export const memory = {
  own(): Own | null {
    return read<Own>(sessionStorage, OWN_KEY);
  },

  keepOwn(own: Own): void {
    write(sessionStorage, OWN_KEY, own);
  },

  recall<Value>(key: string): Value | null {
    return read<Value>(localStorage, `mocast.${key}`);
  },

  keep(key: string, value: unknown): void {
    write(localStorage, `mocast.${key}`, value);
  },
};

/** Storage may be full, off, or hold what another version wrote: then the page starts fresh. */
function read<Value>(storage: Storage, key: string): Value | null {
  try {
    return JSON.parse(storage.getItem(key) ?? "null") as Value | null;
  } catch {
    return null;
  }
}

function write(storage: Storage, key: string, value: unknown): void {
  try {
    storage.setItem(key, JSON.stringify(value));
  } catch {
    // Nothing is lost but the memory of it.
  }
}
