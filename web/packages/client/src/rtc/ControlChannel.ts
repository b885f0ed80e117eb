import type { Calibration } from "../api/Calibration";
import type {
  AllSettings,
  CustomGesture,
  Problem,
  Room,
  Settings,
  Statistics,
  ViewerStatistics,
} from "../api/generated";
import { MocastError } from "../MocastError";
import type { MotionEvent } from "../wire/AnalysisFrame";

export interface ControlHandlers {
  onSettings?(settings: AllSettings): void;
  onStatistics?(statistics: Statistics | ViewerStatistics): void;
  onNotice?(notice: string, detail: string): void;
  /** A publisher is told which RTP timestamp of its own video is `pts` 0. */
  onClock?(rtp: number): void;
  /** A publisher need not send more frames a second than this; `null`: all that its camera has. */
  onFrameRate?(fps: number | null): void;
  /** What happens, as far as the option `events` names it. */
  onEvent?(event: MotionEvent): void;
  /** A viewer is told about its room. */
  onRoom?(room: Room): void;
}

type Message =
  | { type: "settings"; id?: number; settings: AllSettings }
  | { type: "calibration"; id?: number; calibration: Calibration | null }
  | { type: "gestures" | "reset"; id?: number }
  | { type: "event"; event: MotionEvent }
  | (Omit<Problem, "type"> & { type: "problem"; id?: number })
  | { type: "room"; room: Room }
  | { type: "clock"; rtp: number }
  | { type: "frame_rate"; fps: number | null }
  | { type: "statistics"; statistics: Statistics | ViewerStatistics }
  | { type: "notice"; notice: string; detail?: string };

interface PendingRequest {
  resolve(answer: Message): void;
  reject(error: MocastError): void;
}

/** The JSON messages of the `control` channel: commands and their answers, statistics and notices from the server. */
export class ControlChannel {
  private readonly pending = new Map<number, PendingRequest>();
  private lastId = 0;

  constructor(
    private readonly channel: Pick<RTCDataChannel, "send" | "readyState">,
    private readonly handlers: ControlHandlers,
  ) {}

  /** Change settings; resolves with all of them, or rejects with the server's reason and nothing changed. */
  async change(settings: Settings): Promise<AllSettings> {
    const answer = await this.request({ type: "settings", settings });
    return (answer as { settings: AllSettings }).settings;
  }

  /** Measure the person, who holds still for so long; rejects with the server's reason where that cannot be done. */
  async calibrate(seconds: number, tPose: boolean, person = 0): Promise<Calibration | null> {
    const answer = await this.request({ type: "calibrate", seconds, t_pose: tPose, ...of(person) });
    return (answer as { calibration: Calibration | null }).calibration;
  }

  /** Use what was measured before; `null`: nobody's. */
  async setCalibration(calibration: Calibration | null, person = 0): Promise<void> {
    await this.request({ type: "calibration", calibration, ...of(person) });
  }

  /** Know these gestures, and no others, besides the server's own. */
  async setGestures(gestures: readonly CustomGesture[]): Promise<void> {
    await this.request({ type: "gestures", gestures });
  }

  /** Begin ranges of motion and counts of repetitions anew. */
  async resetAnalysis(): Promise<void> {
    await this.request({ type: "reset" });
  }

  /** Handle a message from the server. */
  receive(text: string): void {
    const { handlers } = this;
    const message = JSON.parse(text) as Message;
    const request = "id" in message ? this.takePending(message.id) : undefined;
    switch (message.type) {
      case "settings":
        handlers.onSettings?.(message.settings);
        break;
      case "problem": {
        const { id: _, ...rest } = message;
        const problem: Problem = { ...rest, type: "about:blank" };
        request?.reject(new MocastError("refused", problem.detail, { problem }));
        return;
      }
      case "room":
        handlers.onRoom?.(message.room);
        break;
      case "clock":
        handlers.onClock?.(message.rtp);
        break;
      case "frame_rate":
        handlers.onFrameRate?.(message.fps);
        break;
      case "event":
        handlers.onEvent?.(message.event);
        break;
      case "statistics":
        handlers.onStatistics?.(message.statistics);
        break;
      case "notice":
        handlers.onNotice?.(message.notice, message.detail ?? "");
    }
    request?.resolve(message);
  }

  /** The channel is closed: reject the requests that still wait for an answer. */
  abandon(): void {
    for (const { reject } of this.pending.values()) reject(new MocastError("lost"));
    this.pending.clear();
  }

  private request(command: { type: string; [name: string]: unknown }): Promise<Message> {
    if (this.channel.readyState !== "open") return Promise.reject(new MocastError("lost"));
    this.lastId += 1;
    const id = this.lastId;
    this.channel.send(JSON.stringify({ ...command, id }));
    return new Promise((resolve, reject) => this.pending.set(id, { resolve, reject }));
  }

  private takePending(id: number | undefined): PendingRequest | undefined {
    if (id === undefined) return undefined;
    const request = this.pending.get(id);
    this.pending.delete(id);
    return request;
  }
}

/** The person that a command is about; the first one where it is not said. */
function of(person: number): { person?: number } {
  return person === 0 ? {} : { person };
}
