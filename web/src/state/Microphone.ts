/** The microphone: off until somebody switches it on, at each visit of the page anew. */
import { openMicrophone } from "../capture/openMicrophone";
import { Failure } from "../Failure";
import { Store } from "./Store";

export class Microphone {
  readonly state = new Store<"off" | "opening" | "on">("off");
  private running: MediaStreamTrack | null = null;
  /** Counts the times that it was switched on or off: what was asked for before is not wanted any more. */
  private switches = 0;

  /** `onTrack`: what is to be sent from now on; `onFailure`: why it is off. */
  constructor(
    private readonly onTrack: (track: MediaStreamTrack | null) => void,
    private readonly onFailure: (failure: Failure) => void,
    private readonly open: () => Promise<MediaStreamTrack> = openMicrophone,
  ) {}

  /** The open microphone's track; `null` while it is off. */
  get track(): MediaStreamTrack | null {
    return this.running;
  }

  /** Ask for it, which the browser does of the person the first time, and send it. */
  async switchOn(): Promise<void> {
    if (this.state.value !== "off") return;
    this.switches += 1;
    const { switches } = this;
    this.state.set("opening");
    try {
      const track = await this.open();
      // Switched off again, and perhaps on, while the browser asked.
      if (switches !== this.switches) return track.stop();
      this.use(track);
    } catch (error) {
      if (switches !== this.switches) return;
      this.switchOff();
      this.onFailure(Failure.from(error, "microphone-failed"));
    }
  }

  /** Send nothing more and let go of it: the browser's sign that a page listens goes out. */
  switchOff(): void {
    const track = this.running;
    this.switches += 1;
    this.running = null;
    this.state.set("off");
    track?.stop();
    if (track) this.onTrack(null);
  }

  private use(track: MediaStreamTrack): void {
    this.running = track;
    track.addEventListener("ended", () => {
      if (this.running !== track) return;
      this.switchOff();
      this.onFailure(new Failure("microphone-lost"));
    });
    this.state.set("on");
    this.onTrack(track);
  }
}
