/** The camera or file that the video comes from: what is selected, and the capture that runs. */

import type { Capture } from "../capture/Capture";
import { type Camera, listCameras } from "../capture/listCameras";
import { openCamera } from "../capture/openCamera";
import { openVideoFile } from "../capture/openVideoFile";
import { Failure } from "../Failure";
import { storage } from "../storage/storage";
import { Store } from "./Store";

export interface SourceOptions {
  /** Empty: whichever camera the browser prefers. */
  readonly cameraId: string;
  /** The camera's picture height that is asked for. */
  readonly height: number;
  /** Plays in the camera's place. */
  readonly file: File | null;
}

export class VideoSource {
  readonly selected = new Store<SourceOptions>({
    cameraId: "",
    height: 480,
    ...storage.load<SourceOptions>("source"),
    file: null,
  });
  readonly cameras = new Store<Camera[]>([]);
  readonly preview = new Store<MediaStream | null>(null);
  private running: { readonly source: SourceOptions; readonly capture: Capture } | null = null;
  /** Counts the requests: a camera that opens after the next request is closed again. */
  private generation = 0;

  /** `onLost`: the running capture ended and nobody here asked for it. */
  constructor(private readonly onLost: () => void) {}

  /** The running capture's stream; `null` while nothing runs. */
  get stream(): MediaStream | null {
    return this.running?.capture.stream ?? null;
  }

  /** Select what the next `open` opens. */
  select(change: Partial<SourceOptions>): void {
    this.selected.update((now) => ({ ...now, ...change }));
    const { cameraId, height } = this.selected.value;
    storage.save("source", { cameraId, height });
  }

  /** Open what is selected; `null` when something else was asked for meanwhile. Rejects with a `Failure`. */
  async open(): Promise<MediaStream | null> {
    const source = this.selected.value;
    const capture = await this.capture(source);
    if (!capture) return null;
    this.use(source, capture);
    // Browsers tell the names of cameras once one was allowed.
    void this.refreshCameras();
    return capture.stream;
  }

  /** Switch to another source. Rejects when it cannot be opened; then the present one goes on where it can. */
  async change(change: Partial<SourceOptions>): Promise<boolean> {
    this.select(change);
    const source = this.selected.value;
    try {
      const capture = await this.capture(source).catch((failure) => this.captureAlone(source, failure));
      if (capture) this.use(source, capture);
      return capture !== null;
    } catch (failure) {
      if (this.running) this.select(this.running.source);
      throw failure;
    }
  }

  close(): void {
    this.generation += 1;
    const capture = this.running?.capture;
    this.running = null;
    capture?.close();
    this.preview.set(null);
  }

  async refreshCameras(): Promise<void> {
    this.cameras.set(await listCameras().catch(() => []));
  }

  /** The source's capture; `null` when something else was asked for meanwhile. */
  private async capture({ file, cameraId, height }: SourceOptions): Promise<Capture | null> {
    this.generation += 1;
    const { generation } = this;
    try {
      const capture = await (file ? openVideoFile(file) : openCamera(cameraId, height));
      if (generation === this.generation) return capture;
      capture.close();
    } catch (failure) {
      if (generation === this.generation) throw failure;
    }
    return null;
  }

  /** Some devices, phones above all, open one camera at a time: try again without the one that runs. */
  private captureAlone(source: SourceOptions, failure: unknown): Promise<Capture | null> {
    const isBusy = failure instanceof Failure && failure.kind === "camera-busy";
    if (!isBusy || this.running?.capture.kind !== "camera") throw failure;
    this.close();
    return this.capture(source);
  }

  private use(source: SourceOptions, capture: Capture): void {
    const before = this.running?.capture;
    this.running = { source, capture };
    before?.close();
    this.preview.set(capture.stream);
    capture.track.addEventListener("ended", () => {
      if (this.running?.capture === capture) this.onLost();
    });
  }
}
