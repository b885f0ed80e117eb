/** As players and editors know them, the best first; VP8 and VP9 keep what is transparent. */
const TYPES = ["video/webm;codecs=vp9", "video/webm;codecs=vp8", "video/webm", "video/mp4"];
const FPS = 30;
const BITS_PER_S = 8_000_000;

/** What a canvas shows in the next seconds, as a video. Rejects where the browser records none. */
export async function recordClip(canvas: HTMLCanvasElement, seconds: number): Promise<Blob> {
  if (!globalThis.MediaRecorder) throw new Error("This browser records no clips.");
  const mimeType = TYPES.find((type) => MediaRecorder.isTypeSupported(type));
  const stream = canvas.captureStream(FPS);
  const recorder = new MediaRecorder(stream, { mimeType, videoBitsPerSecond: BITS_PER_S });
  const parts: Blob[] = [];
  recorder.addEventListener("dataavailable", ({ data }) => parts.push(data));
  const ended = new Promise<void>((resolve, reject) => {
    recorder.addEventListener("stop", () => resolve());
    recorder.addEventListener("error", () => reject(new Error("The browser could not record the clip.")));
  });
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    recorder.start();
    timer = setTimeout(() => recorder.stop(), 1000 * seconds);
    await ended;
  } finally {
    clearTimeout(timer);
    for (const track of stream.getTracks()) track.stop();
  }
  return new Blob(parts, { type: recorder.mimeType.split(";")[0] });
}
