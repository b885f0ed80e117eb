/** A session with a Mocast server over WebRTC: what publishers and viewers have in common. */

import type { MocastError } from "../MocastError";
import type { Server } from "../Server";
import type { StreamName } from "../StreamName";
import type { ControlHandlers } from "./ControlChannel";
import { RoomConnection } from "./RoomConnection";
import { StreamChannels, type StreamHandlers } from "./StreamChannels";

export interface RtcSessionOptions extends ControlHandlers, StreamHandlers {
  readonly server: Server;
  readonly room: string;
  /** Use TURN relays only; for tests of the network. */
  readonly relayOnly?: boolean;
  /** The annotated picture; a publisher has none while the setting `return` is `none`. */
  onStream?(stream: MediaStream): void;
  /** The session ended without `close`; called once, after `connect` resolved. */
  onLost?(error: MocastError): void;
}

export abstract class RtcSession<Options extends RtcSessionOptions> {
  protected readonly room: RoomConnection;
  private readonly streams: StreamChannels;

  /** `role`: whether it brings the room's picture or watches it. */
  constructor(
    role: "publish" | "subscribe",
    protected readonly options: Options,
  ) {
    this.room = new RoomConnection({
      server: options.server,
      room: options.room,
      role,
      relayOnly: options.relayOnly,
      control: { ...options, onFrameRate: (fps) => this.onFrameRate(fps) },
      onLost: (error) => options.onLost?.(error),
    });
    this.streams = new StreamChannels(this.room, options);
  }

  /** Offer, answer, and wait until messages flow. Rejects with a `MocastError`; then the session is over. */
  abstract connect(): Promise<void>;

  /** The server has time for so many frames a second at most; `null`: for all. */
  protected onFrameRate(fps: number | null): void {
    this.options.onFrameRate?.(fps);
  }

  get connection(): RTCPeerConnection {
    return this.room.peer;
  }

  /** The session's id; `null` until the server answered. Whoever has it controls the session. */
  get id(): string | null {
    return this.room.id;
  }

  /** Receive these from now on. */
  want(streams: ReadonlySet<StreamName>): boolean {
    this.streams.want(streams);
    return true;
  }

  /** Close the session; the server frees its place at once. May be called while the page is unloaded, and more than once. */
  close(): void {
    this.room.close();
  }
}
