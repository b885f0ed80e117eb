import type { Calibration } from "../api/Calibration";
import type { AllSettings, Room, Settings, Statistics } from "../api/generated";
import { Failure } from "../Failure";

export interface ControlHandlers {
  onSettings?(settings: AllSettings): void;
  onStatistics?(statistics: Statistics): void;
  onNotice?(notice: string, detail: string): void;
  /** A viewer is told about its room. */
  onRoom?(room: Room): void;
}

type Message =
  | { type: "settings"; id?: number; settings: AllSettings }
  | { type: "calibration"; id?: number; calibration: Calibration | null }
  | { type: "problem"; id?: number; title: string; detail: string }
  | { type: "room"; room: Room }
  | { type: "statistics"; statistics: Statistics }
  | { type: "notice"; notice: string; detail?: string };

interface Asked {
  resolve(answer: Message): void;
  reject(failure: Failure): void;
}

/** The JSON messages of the `control` channel: commands and their answers, statistics and notices from the server. */
export class ControlChannel {
  private readonly asked = new Map<number, Asked>();
  private lastId = 0;

  constructor(
    private readonly channel: Pick<RTCDataChannel, "send" | "readyState">,
    private readonly handlers: ControlHandlers,
  ) {}

  /** Ask for other settings; resolves with the whole of them, or rejects with the server's reason and nothing changed. */
  async change(settings: Settings): Promise<AllSettings> {
    const answer = await this.ask({ type: "settings", settings });
    return (answer as { settings: AllSettings }).settings;
  }

  /** Have the person measured, who holds still for so long; rejects with the reason where that cannot be done. */
  async calibrate(seconds: number, tPose: boolean): Promise<Calibration | null> {
    const answer = await this.ask({ type: "calibrate", seconds, t_pose: tPose });
    return (answer as { calibration: Calibration | null }).calibration;
  }

  /** Use what was measured before; `null`: nobody's. */
  async setCalibration(calibration: Calibration | null): Promise<void> {
    await this.ask({ type: "calibration", calibration });
  }

  /** Take in one message from the server. */
  receive(text: string): void {
    const message = JSON.parse(text) as Message;
    if (message.type === "settings") {
      this.handlers.onSettings?.(message.settings);
      this.answered(message.id)?.resolve(message);
    } else if (message.type === "calibration") {
      this.answered(message.id)?.resolve(message);
    } else if (message.type === "problem") {
      this.answered(message.id)?.reject(new Failure("refused", message.detail));
    } else if (message.type === "room") {
      this.handlers.onRoom?.(message.room);
    } else if (message.type === "statistics") {
      this.handlers.onStatistics?.(message.statistics);
    } else if (message.type === "notice") {
      this.handlers.onNotice?.(message.notice, message.detail ?? "");
    }
  }

  /** The channel is gone: whoever still waits for an answer is told. */
  abandon(): void {
    for (const { reject } of this.asked.values()) reject(new Failure("lost"));
    this.asked.clear();
  }

  private ask(command: { type: string; [name: string]: unknown }): Promise<Message> {
    if (this.channel.readyState !== "open") return Promise.reject(new Failure("lost"));
    this.lastId += 1;
    const id = this.lastId;
    this.channel.send(JSON.stringify({ ...command, id }));
    return new Promise((resolve, reject) => this.asked.set(id, { resolve, reject }));
  }

  private answered(id: number | undefined): Asked | undefined {
    if (id === undefined) return undefined;
    const asked = this.asked.get(id);
    this.asked.delete(id);
    return asked;
  }
}
