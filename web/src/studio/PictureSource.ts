/** Where the pictures come from: what is chosen, and the capture that runs. */
import type { Capture } from "../capture/Capture";
import { type Camera, listCameras } from "../capture/listCameras";
import { openCamera } from "../capture/openCamera";
import { openVideoFile } from "../capture/openVideoFile";
import { Failure } from "../rtc/Failure";
import { memory } from "./memory";
import { Store } from "./Store";

export interface Source {
  /** Empty: whichever camera the browser prefers. */
  readonly cameraId: string;
  /** The camera's picture height that is asked for. */
  readonly height: number;
  /** Plays in the camera's place. */
  readonly file: File | null;
}

export class PictureSource {
  readonly chosen = new Store<Source>({
    cameraId: "",
    height: 480,
    ...memory.recall<Source>("source"),
    file: null,
  });
  readonly cameras = new Store<Camera[]>([]);
  readonly preview = new Store<MediaStream | null>(null);
  private running: { readonly source: Source; readonly capture: Capture } | null = null;
  /** Counts what was asked for, so that a camera which opens too late is closed again. */
  private turn = 0;

  /** `onLost`: the running capture ended and nobody here asked for it. */
  constructor(private readonly onLost: () => void) {}

  /** What runs; `null` while nothing does. */
  get track(): MediaStreamTrack | null {
    return this.running?.capture.track ?? null;
  }

  /** Choose what the next `open` opens. */
  choose(change: Partial<Source>): void {
    this.chosen.update((now) => ({ ...now, ...change }));
    const { cameraId, height } = this.chosen.value;
    memory.keep("source", { cameraId, height });
  }

  /** Open what is chosen; `false` when something else was asked for meanwhile. Rejects with a `Failure`. */
  async open(): Promise<boolean> {
    const source = this.chosen.value;
    const capture = await this.capture(source);
    if (!capture) return false;
    this.use(source, capture);
    // Browsers tell the names of cameras once one was allowed.
    void this.refreshCameras();
    return true;
  }

  /** Go over to another source. When it cannot be opened this rejects, and the one before goes on where it can. */
  async change(change: Partial<Source>): Promise<boolean> {
    this.choose(change);
    const source = this.chosen.value;
    try {
      const capture = await this.capture(source).catch((failure) => this.captureAlone(source, failure));
      if (capture) this.use(source, capture);
      return capture !== null;
    } catch (failure) {
      if (this.running) this.choose(this.running.source);
      throw failure;
    }
  }

  close(): void {
    this.turn += 1;
    const capture = this.running?.capture;
    this.running = null;
    capture?.close();
    this.preview.set(null);
  }

  async refreshCameras(): Promise<void> {
    this.cameras.set(await listCameras().catch(() => []));
  }

  /** The source's capture; `null` when something else was asked for meanwhile. */
  private async capture({ file, cameraId, height }: Source): Promise<Capture | null> {
    this.turn += 1;
    const turn = this.turn;
    try {
      const capture = await (file ? openVideoFile(file) : openCamera(cameraId, height));
      if (turn === this.turn) return capture;
      capture.close();
    } catch (failure) {
      if (turn === this.turn) throw failure;
    }
    return null;
  }

  /** Some devices, phones above all, open one camera at a time: try again without the one that runs. */
  private captureAlone(source: Source, failure: unknown): Promise<Capture | null> {
    const isBusy = failure instanceof Failure && failure.kind === "camera-busy";
    if (!isBusy || this.running?.capture.kind !== "camera") throw failure;
    this.close();
    return this.capture(source);
  }

  private use(source: Source, capture: Capture): void {
    const before = this.running?.capture;
    this.running = { source, capture };
    before?.close();
    this.preview.set(capture.stream);
    capture.track.addEventListener("ended", () => {
      if (this.running?.capture === capture) this.onLost();
    });
  }
}
