/** Tells the page which RTP timestamps its pictures are sent under; the pictures go on as they are. */
import type { SentFrame } from "./SentFrame";

interface EncodedFrame {
  getMetadata(): { readonly rtpTimestamp: number };
}

interface RtcTransformEvent extends Event {
  readonly transformer: {
    readonly readable: ReadableStream<EncodedFrame>;
    readonly writable: WritableStream<EncodedFrame>;
  };
}

addEventListener("rtctransform", (event) => {
  const { readable, writable } = (event as RtcTransformEvent).transformer;
  const tell = new TransformStream<EncodedFrame, EncodedFrame>({
    transform(frame, controller) {
      controller.enqueue(frame);
      const atMs = performance.timeOrigin + performance.now();
      postMessage({ rtpTimestamp: frame.getMetadata().rtpTimestamp, atMs } satisfies SentFrame);
    },
  });
  // It ends with the connection.
  readable
    .pipeThrough(tell)
    .pipeTo(writable)
    .catch(() => undefined);
});
