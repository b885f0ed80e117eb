import type { StreamName } from "../StreamName";
import type { AnalysisFrame } from "../wire/AnalysisFrame";
import { FrameAssembler } from "../wire/FrameAssembler";
import { parseAnalysis } from "../wire/parseAnalysis";
import { parseRig } from "../wire/parseRig";
import type { RigFrame } from "../wire/RigFrame";
import type { TrackedFrame } from "../wire/TrackedFrame";
import type { RoomConnection } from "./RoomConnection";

export interface StreamHandlers {
  onLandmarks?(frame: TrackedFrame): void;
  onRig?(rig: RigFrame): void;
  onAnalysis?(analysis: AnalysisFrame): void;
}

/** The data channels of a connection's streams: the server computes no rig and no analysis for which there is none. */
export class StreamChannels {
  private readonly channels = new Map<StreamName, RTCDataChannel>();

  constructor(
    private readonly room: Pick<RoomConnection, "openChannel">,
    private readonly handlers: StreamHandlers,
  ) {}

  /** Have these open from now on, and no others. */
  want(wanted: ReadonlySet<StreamName>): void {
    for (const [name, channel] of this.channels) {
      if (wanted.has(name)) continue;
      this.channels.delete(name);
      channel.close();
    }
    for (const name of wanted) {
      if (!this.channels.has(name)) this.channels.set(name, this.open(name));
    }
  }

  private open(name: StreamName): RTCDataChannel {
    const { handlers } = this;
    const assembler = new FrameAssembler((frame) => handlers.onLandmarks?.(frame));
    // A server that does not know version 2 sends version 1, which is read, too.
    const protocol = `mocast.${name}.v${name === "rig" ? 2 : 1}+binary`;
    return this.room.openChannel(name, protocol, (message) => {
      if (name === "landmarks") return assembler.add(message);
      const rig = name === "rig" && parseRig(message);
      if (rig) handlers.onRig?.(rig);
      const analysis = name === "analysis" && parseAnalysis(message);
      if (analysis) handlers.onAnalysis?.(analysis);
    });
  }
}
