/** A stream of what a playing video shows, for browsers that cannot capture a video element (Safari). */
export function captureThroughCanvas(video: HTMLVideoElement): MediaStream {
  const canvas = document.createElement("canvas");
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  const context = canvas.getContext("2d", { alpha: false });
  const stream = canvas.captureStream();
  const [track] = stream.getVideoTracks();
  const draw = () => {
    if (track.readyState === "ended") return;
    context?.drawImage(video, 0, 0);
    video.requestVideoFrameCallback(draw);
  };
  draw();
  return stream;
}
