import { storage } from "../storage/storage";

/** What this browser tab remembers of its session, so that the page after a reload goes on with it. */
export class TabSession {
  /** The session that may still hold the room, and that the next one is to replace; `null`: none. */
  id: string | null;

  constructor(private readonly room: string) {
    const tab = storage.loadTab();
    this.id = tab?.room === room ? tab.sessionId : null;
  }

  /** Whether the session was on when the page went away. */
  get wasLive(): boolean {
    return storage.loadTab()?.wasLive ?? false;
  }

  remember(id: string | null): void {
    this.id = id;
    storage.saveTab({ room: this.room, sessionId: id, wasLive: false });
  }

  /** The page goes away; `isOn`: from a session that is to go on when it comes back. */
  leave(id: string | null, isOn: boolean): void {
    storage.saveTab({ room: this.room, sessionId: id, wasLive: isOn });
  }
}
