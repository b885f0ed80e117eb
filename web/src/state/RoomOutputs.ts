import type { Output, OutputSettings } from "mocast-client";
import { ownServer } from "../api/ownServer";
import { Failure } from "../Failure";
import { Store } from "./Store";

const POLL_MS = 2000;

/** The outputs of the room: other apps that the server itself sends the rig to, where its operator allows that. */
export class RoomOutputs {
  readonly list = new Store<readonly Output[]>([]);
  readonly failure = new Store<Failure | null>(null);
  private readonly url: string;

  constructor(room: string) {
    this.url = `v1/rooms/${encodeURIComponent(room)}/outputs`;
  }

  /** Poll their status until the returned function is called. */
  watch(): () => void {
    void this.poll();
    const timer = setInterval(() => void this.poll(), POLL_MS);
    return () => clearInterval(timer);
  }

  /** Send to these from now on, and to no others but the operator's. */
  async set(outputs: readonly OutputSettings[]): Promise<void> {
    this.failure.set(null);
    try {
      const body = { outputs: outputs.map(optionsOf) };
      await this.read(await ownServer.call("PUT", this.url, body));
    } catch (error) {
      this.failure.set(Failure.from(error));
    }
  }

  private async poll(): Promise<void> {
    const response = await ownServer.fetch(this.url).catch(() => null);
    if (response?.ok) await this.read(response);
  }

  private async read(response: Response): Promise<void> {
    this.list.set(((await response.json()) as { outputs: Output[] }).outputs);
  }
}

/** The output without its status. */
function optionsOf({ kind, host, port, parts, mirror, names, camera }: OutputSettings): OutputSettings {
  return { kind, host, port, parts, mirror, names, camera };
}
