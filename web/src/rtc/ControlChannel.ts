import { Failure } from "./Failure";
import type { Settings } from "./Settings";
import type { Statistics } from "./Statistics";

export interface ControlHandlers {
  onSettings(settings: Settings): void;
  onStatistics(statistics: Statistics): void;
  onNotice(notice: string, detail: string): void;
}

type Message =
  | { type: "settings"; id?: number; settings: Settings }
  | { type: "problem"; id?: number; title: string; detail: string }
  | { type: "statistics"; statistics: Statistics }
  | { type: "notice"; notice: string; detail?: string };

interface Asked {
  resolve(settings: Settings): void;
  reject(failure: Failure): void;
}

/** The JSON messages of the `control` channel: settings both ways, statistics and notices from the server. */
export class ControlChannel {
  private readonly asked = new Map<number, Asked>();
  private lastId = 0;

  constructor(
    private readonly channel: Pick<RTCDataChannel, "send" | "readyState">,
    private readonly handlers: ControlHandlers,
  ) {}

  /** Ask for other settings; resolves with the whole of them, or rejects with the server's reason and nothing changed. */
  change(settings: Partial<Settings>): Promise<Settings> {
    if (this.channel.readyState !== "open") return Promise.reject(new Failure("lost"));
    this.lastId += 1;
    const id = this.lastId;
    this.channel.send(JSON.stringify({ type: "settings", id, settings }));
    return new Promise((resolve, reject) => this.asked.set(id, { resolve, reject }));
  }

  /** Take in one message from the server. */
  receive(text: string): void {
    const message = JSON.parse(text) as Message;
    if (message.type === "settings") {
      this.handlers.onSettings(message.settings);
      this.answered(message.id)?.resolve(message.settings);
    } else if (message.type === "problem") {
      this.answered(message.id)?.reject(new Failure("refused", message.detail));
    } else if (message.type === "statistics") {
      this.handlers.onStatistics(message.statistics);
    } else if (message.type === "notice") {
      this.handlers.onNotice(message.notice, message.detail ?? "");
    }
  }

  /** The channel is gone: whoever still waits for an answer is told. */
  abandon(): void {
    for (const { reject } of this.asked.values()) reject(new Failure("lost"));
    this.asked.clear();
  }

  private answered(id: number | undefined): Asked | undefined {
    if (id === undefined) return undefined;
    const asked = this.asked.get(id);
    this.asked.delete(id);
    return asked;
  }
}
