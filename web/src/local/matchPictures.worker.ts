/**
 * Tells the page which of the camera's pictures are sent under which RTP timestamps; the pictures go on as they are.
 *
 * It sees both, the camera's and those that were encoded, so that however busy the page is, neither is seen late.
 */
import { type EncodedTimes, SendClock } from "./SendClock";
import type { SentPicture } from "./SentPicture";

/** What the page says. */
export type MatchMessage =
  | { /** The camera's pictures from now on. */ readonly pictures: ReadableStream<VideoFrame> | null }
  | { /** How long encoding takes on average. */ readonly encodeMs: number };

interface EncodedFrame {
  getMetadata(): EncodedTimes;
}

interface RtcTransformEvent extends Event {
  readonly transformer: {
    readonly readable: ReadableStream<EncodedFrame>;
    readonly writable: WritableStream<EncodedFrame>;
  };
}

const clock = new SendClock();
let reader: ReadableStreamDefaultReader<VideoFrame> | null = null;

addEventListener("message", ({ data }: MessageEvent<MatchMessage>) => {
  if ("encodeMs" in data) {
    clock.encodeMs = data.encodeMs;
    return;
  }
  clock.clear();
  reader = data.pictures?.getReader() ?? null;
  if (reader) void readCaptured(reader);
});

addEventListener("rtctransform", (event) => {
  const { readable, writable } = (event as RtcTransformEvent).transformer;
  clock.clearSent();
  const match = new TransformStream<EncodedFrame, EncodedFrame>({
    transform(frame, controller) {
      controller.enqueue(frame);
      const found = clock.addSent(frame.getMetadata(), nowMs());
      if (found.length > 0) postMessage(found satisfies SentPicture[]);
    },
  });
  // It ends with the connection.
  readable
    .pipeThrough(match)
    .pipeTo(writable)
    .catch(() => undefined);
});

async function readCaptured(pictures: ReadableStreamDefaultReader<VideoFrame>): Promise<void> {
  for (;;) {
    const { value, done } = await pictures.read();
    if (done) return;
    if (pictures === reader) clock.addCaptured(value.timestamp, nowMs());
    value.close();
    // Right after a picture was taken none waits, which nobody would close.
    if (pictures !== reader) return pictures.cancel();
  }
}

/** On the clock that the page has, too. */
function nowMs(): number {
  return performance.timeOrigin + performance.now();
}
