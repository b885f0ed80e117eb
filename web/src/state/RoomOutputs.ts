import { callServer } from "../api/callServer";
import type { Output, OutputOptions } from "../api/Output";
import { Failure } from "../Failure";
import { Store } from "./Store";

const LOOK_EVERY_MS = 2000;

/** The outputs of the room: other apps that the server itself sends the rig to, where its operator allows that. */
export class RoomOutputs {
  readonly list = new Store<readonly Output[]>([]);
  readonly failure = new Store<Failure | null>(null);
  private readonly url: string;

  constructor(room: string) {
    this.url = `/v1/rooms/${encodeURIComponent(room)}/outputs`;
  }

  /** Look how they fare, now and again until the returned function is called. */
  watch(): () => void {
    void this.look();
    const timer = setInterval(() => void this.look(), LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }

  /** Send to these from now on, and to no others but the operator's. */
  async set(outputs: readonly OutputOptions[]): Promise<void> {
    this.failure.set(null);
    try {
      const body = { outputs: outputs.map(choices) };
      await this.read(await callServer("PUT", this.url, body));
    } catch (error) {
      this.failure.set(error instanceof Failure ? error : new Failure("refused", String(error)));
    }
  }

  private async look(): Promise<void> {
    const response = await fetch(this.url).catch(() => null);
    if (response?.ok) await this.read(response);
  }

  private async read(response: Response): Promise<void> {
    this.list.set(((await response.json()) as { outputs: Output[] }).outputs);
  }
}

/** Without what the server says of it. */
function choices({ kind, host, port, parts, mirror, names, camera }: OutputOptions): OutputOptions {
  return { kind, host, port, parts, mirror, names, camera };
}
