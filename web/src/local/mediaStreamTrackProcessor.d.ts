/** Of "MediaStreamTrack Insertable Media Processing using Streams" (W3C), which TypeScript's library does not have yet. */
declare class MediaStreamTrackProcessor {
  constructor(init: { track: MediaStreamTrack });
  readonly readable: ReadableStream<VideoFrame>;
}
