/** A viewer's session with a Mocast server over WebRTC: receives what a room tells; sends nothing. */

import type { MocastError } from "../MocastError";
import type { Server } from "../Server";
import type { StreamName } from "../StreamName";
import type { ControlHandlers } from "./ControlChannel";
import { RoomConnection } from "./RoomConnection";
import { receiveVideo } from "./receiveVideo";
import { StreamChannels, type StreamHandlers } from "./StreamChannels";

export interface ViewerSessionOptions extends ControlHandlers, StreamHandlers {
  readonly server: Server;
  readonly room: string;
  /** Whether the annotated picture is wanted. */
  readonly video?: boolean;
  /** Whether the room's sound is wanted. */
  readonly audio?: boolean;
  /** Use TURN relays only; for tests of the network. */
  readonly relayOnly?: boolean;
  /** The annotated picture. */
  onStream?(stream: MediaStream): void;
  /** The room's sound, silent until something comes. */
  onAudio?(stream: MediaStream): void;
  /** The session ended without `close`; called once, after `connect` resolved. */
  onLost?(error: MocastError): void;
}

export class ViewerSession {
  private readonly room: RoomConnection;
  private readonly streams: StreamChannels;

  constructor(private readonly options: ViewerSessionOptions) {
    this.room = new RoomConnection({
      server: options.server,
      room: options.room,
      role: "subscribe",
      relayOnly: options.relayOnly,
      control: options,
      onLost: (error) => options.onLost?.(error),
    });
    this.streams = new StreamChannels(this.room, options);
  }

  get connection(): RTCPeerConnection {
    return this.room.peer;
  }

  /** The session's id; `null` until the server answered. */
  get id(): string | null {
    return this.room.id;
  }

  /** Offer, answer, and wait until the server speaks. Rejects with a `MocastError`; then the session is over. */
  connect(): Promise<void> {
    if (this.options.video) {
      const { receiver } = this.connection.addTransceiver("video", { direction: "recvonly" });
      this.options.onStream?.(receiveVideo(receiver));
    }
    if (this.options.audio) {
      const { receiver } = this.connection.addTransceiver("audio", { direction: "recvonly" });
      this.options.onAudio?.(new MediaStream([receiver.track]));
    }
    return this.room.connect(new URLSearchParams());
  }

  /** Receive these from now on. */
  want(streams: ReadonlySet<StreamName>): boolean {
    this.streams.want(streams);
    return true;
  }

  /** Close the session. May be called while the page is unloaded, and more than once. */
  close(): void {
    this.room.close();
  }
}
