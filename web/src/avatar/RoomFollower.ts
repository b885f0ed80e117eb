import { KeptSession } from "../rtc/KeptSession";
import type { Connection } from "../rtc/nextConnection";
import type { RoomState } from "../rtc/RoomState";
import { RoomSubscription } from "../rtc/RoomSubscription";
import { makeRigFrame } from "../wire/makeRigFrame";
import { parseRig } from "../wire/parseRig";
import type { RigFrame } from "../wire/RigFrame";

/** What waiting does not mend, a change at the server may: nobody is at a browser source to reload it. */
const RETRY_MS = 10_000;

interface Follows {
  onRig(rig: RigFrame): void;
  /** The connection or the room's state is another. */
  onChange(): void;
  /** The rigs that follow are of another session. */
  onRestart(): void;
}

/** Follows a room's rig for ever: over restarts of the server, empty rooms and lost networks. */
export class RoomFollower {
  roomState: RoomState | null = null;
  private readonly rig = makeRigFrame();
  private readonly kept: KeptSession<RoomSubscription>;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly aborter = new AbortController();

  constructor(
    readonly room: string,
    private readonly follows: Follows,
  ) {
    this.kept = new KeptSession(
      {
        make: (_replace, onLost) => this.subscribe(onLost),
        onChange: (connection) => this.onConnection(connection),
        onId: () => undefined,
      },
      null,
    );
  }

  /** `idle`, `connecting`, `live`, `waiting` or `ended`, which here is a longer wait. */
  get connection(): Connection {
    return this.kept.connection;
  }

  /** The present subscription; `null` between two. */
  get subscription(): RoomSubscription | null {
    return this.kept.session;
  }

  start(): void {
    const { signal } = this.aborter;
    addEventListener("online", () => this.kept.online(), { signal });
    addEventListener("pagehide", () => this.kept.stop(), { signal });
    addEventListener("pageshow", ({ persisted }) => persisted && this.kept.start(), { signal });
    this.kept.start();
  }

  dispose(): void {
    this.aborter.abort();
    clearTimeout(this.timer);
    this.kept.stop();
  }

  private subscribe(onLost: ConstructorParameters<typeof RoomSubscription>[0]["onLost"]): RoomSubscription {
    this.follows.onRestart();
    return new RoomSubscription({
      room: this.room,
      onRig: (message) => parseRig(message, this.rig) && this.follows.onRig(this.rig),
      onRoom: (state) => this.onRoom(state),
      onLost,
    });
  }

  private onRoom(state: RoomState | null): void {
    this.roomState = state;
    this.follows.onChange();
  }

  private onConnection(connection: Connection): void {
    clearTimeout(this.timer);
    if (connection.is === "ended") this.timer = setTimeout(() => this.kept.start(), RETRY_MS);
    if (connection.is !== "live") this.roomState = null;
    this.follows.onChange();
  }
}
