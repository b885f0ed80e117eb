/** The metadata's field that TypeScript's library does not have yet. */
type Metadata = VideoFrameCallbackMetadata & { rtpTimestamp?: number };

/**
 * Call back for each picture that the video shows, with its RTP timestamp (`null` in browsers that do not tell) and its
 * time on the element's clock; returns the function that ends it.
 */
export function watchPresented(
  video: HTMLVideoElement,
  onPresented: (rtpTimestamp: number | null, mediaTime: number) => void,
): () => void {
  if (!("requestVideoFrameCallback" in video)) return watchTime(video, onPresented);
  let handle = 0;
  const next = (_now: number, { rtpTimestamp, mediaTime }: Metadata) => {
    onPresented(rtpTimestamp ?? null, mediaTime);
    handle = video.requestVideoFrameCallback(next);
  };
  handle = video.requestVideoFrameCallback(next);
  return () => video.cancelVideoFrameCallback(handle);
}

/** For browsers without frame callbacks: a few times a second. */
function watchTime(
  element: HTMLElement,
  onPresented: (rtpTimestamp: number | null, mediaTime: number) => void,
): () => void {
  const video = element as HTMLVideoElement;
  const onTime = () => onPresented(null, video.currentTime);
  video.addEventListener("timeupdate", onTime);
  return () => video.removeEventListener("timeupdate", onTime);
}
