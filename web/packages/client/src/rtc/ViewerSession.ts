/** A viewer's session with a Mocast server over WebRTC: receives what a room tells; sends nothing. */

import type { EventTypes } from "../api/generated";
import { settingsQuery } from "../api/settingsQuery";
import { RtcSession, type RtcSessionOptions } from "./RtcSession";
import { receiveVideo } from "./receiveVideo";

export interface ViewerSessionOptions extends RtcSessionOptions {
  /** Whether the annotated picture is wanted. */
  readonly video?: boolean;
  /** Whether the room's sound is wanted. */
  readonly audio?: boolean;
  /** What is told when it happens; nothing where it is left out. */
  readonly events?: EventTypes;
  /** Of how many people messages are wanted; 1 where it is left out. */
  readonly people?: number;
  /** The room's sound, silent until something comes. */
  onAudio?(stream: MediaStream): void;
}

export class ViewerSession extends RtcSession<ViewerSessionOptions> {
  constructor(options: ViewerSessionOptions) {
    super("subscribe", options);
  }

  override connect(): Promise<void> {
    if (this.options.video) {
      const { receiver } = this.connection.addTransceiver("video", { direction: "recvonly" });
      this.options.onStream?.(receiveVideo(receiver));
    }
    if (this.options.audio) {
      const { receiver } = this.connection.addTransceiver("audio", { direction: "recvonly" });
      this.options.onAudio?.(new MediaStream([receiver.track]));
    }
    const { events, people = 1 } = this.options;
    return this.room.connect(settingsQuery({ ...(events && { events }), ...(people > 1 && { people }) }));
  }
}
