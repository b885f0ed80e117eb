import type { EventTypes, Room, ViewerStatistics } from "./api/generated";
import type { MocastError } from "./MocastError";
import { RoomSession, type SessionEvents } from "./RoomSession";
import { ViewerSession } from "./rtc/ViewerSession";
import type { Server, TokenSource } from "./Server";
import { SocketSession } from "./socket/SocketSession";

/** What a subscriber may ask for. */
export interface SubscribeOptions {
  /** What the server's calls are authorized with, where it asks for that. */
  readonly token?: TokenSource;
  /** Whether the annotated picture is wanted, too (by WebRTC). */
  readonly video?: boolean;
  /** Whether the room's sound is wanted, too (by WebRTC). */
  readonly audio?: boolean;
  /** Of how many people landmarks, rigs and analyses are wanted, where several are tracked; 1 where it is left out. */
  readonly people?: number;
  /** What is told when it happens (over a WebSocket: every type, where any is named); nothing where it is left out. */
  readonly events?: EventTypes;
  /** `websocket`: the streams alone, as JSON over the server's own port, where WebRTC does not get through. */
  readonly transport?: "webrtc" | "websocket";
  /** Use TURN relays only; for tests of the network. */
  readonly relayOnly?: boolean;
}

/** What a subscriber's session tells, by the name of the event. */
export interface SubscriberEvents extends SessionEvents {
  /** By WebRTC: the room's state, at the beginning and when the publisher comes or goes. */
  room: Room;
  /** The room's sound, of each connection, where it was asked for; silent until something comes. */
  audio: MediaStream;
  /** By WebRTC: once a second. */
  statistics: ViewerStatistics;
}

/** A viewer's session with a room: `subscribe` begins it. */
export class Subscriber extends RoomSession<SubscriberEvents> {
  /** @internal */
  constructor(
    private readonly server: Server,
    private readonly room: string,
    private readonly options: SubscribeOptions,
  ) {
    super(null);
  }

  /** @internal */
  protected override make(
    _: string | null,
    onLost: (error: MocastError) => void,
  ): ViewerSession | SocketSession {
    const { transport, video, audio, people, events, relayOnly } = this.options;
    const common = { server: this.server, room: this.room, ...this.handlers(), onLost, events, people };
    if (transport === "websocket") return new SocketSession(common);
    return new ViewerSession({
      ...common,
      video,
      audio,
      relayOnly,
      onAudio: (stream) => this.emit("audio", stream),
      onRoom: (room) => this.emit("room", room),
      onStatistics: (statistics) => this.emit("statistics", statistics as ViewerStatistics),
    });
  }
}
