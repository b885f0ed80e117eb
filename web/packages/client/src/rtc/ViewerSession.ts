/** A viewer's session with a Mocast server over WebRTC: receives a room's rigs; sends nothing. */

import type { Room } from "../api/generated";
import type { Failure } from "../Failure";
import { RoomConnection } from "./RoomConnection";

export interface ViewerSessionOptions {
  /** Where the server is, without a slash at the end; empty: where the page came from. */
  readonly server?: string;
  readonly room: string;
  /** A message of the rig: docs/wire-format.md. */
  onRig?(message: ArrayBuffer): void;
  /** At the beginning, and when the publisher comes or goes. */
  onRoom?(room: Room): void;
  onNotice?(notice: string, detail: string): void;
  /** The session ended without `close`; called once, after `connect` resolved. */
  onLost?(failure: Failure): void;
}

export class ViewerSession {
  private readonly room: RoomConnection;

  constructor(options: ViewerSessionOptions) {
    this.room = new RoomConnection({
      server: options.server,
      room: options.room,
      role: "subscribe",
      control: options,
      onLost: (failure) => options.onLost?.(failure),
    });
    this.room.openChannel("rig", "mocast.rig.v1+binary", (message) => {
      if (typeof message !== "string") options.onRig?.(message);
    });
  }

  get connection(): RTCPeerConnection {
    return this.room.peer;
  }

  /** The session's id; `null` until the server answered. */
  get id(): string | null {
    return this.room.id;
  }

  /** Offer, answer, and wait until the server speaks. Rejects with a `Failure`; then the session is over. */
  connect(): Promise<void> {
    return this.room.connect(new URLSearchParams());
  }

  /** Close the session. May be called while the page is unloaded, and more than once. */
  close(): void {
    this.room.close();
  }
}
