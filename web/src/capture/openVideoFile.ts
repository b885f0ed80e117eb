import { Failure } from "../Failure";
import type { Capture } from "./Capture";
import { captureThroughCanvas } from "./captureThroughCanvas";

type Capturing = HTMLVideoElement & { captureStream?(): MediaStream; mozCaptureStream?(): MediaStream };

/** Plays a video file over and over, without sound, as if it were a camera; rejects with a `Failure`. */
export async function openVideoFile(file: File): Promise<Capture> {
  const video: Capturing = document.createElement("video");
  video.muted = true;
  video.loop = true;
  video.playsInline = true;
  video.src = URL.createObjectURL(file);
  const close = () => {
    for (const track of stream?.getTracks() ?? []) track.stop();
    video.pause();
    URL.revokeObjectURL(video.src);
    video.removeAttribute("src");
    video.load();
  };
  let stream: MediaStream | null = null;
  try {
    await video.play();
  } catch (error) {
    close();
    throw new Failure("unsupported-video", String(error));
  }
  stream = video.captureStream?.() ?? video.mozCaptureStream?.() ?? captureThroughCanvas(video);
  const [track] = stream.getVideoTracks();
  if (!track) {
    close();
    throw new Failure("unsupported-video", "it has no video track");
  }
  track.contentHint = "motion";
  return { kind: "file", label: file.name, stream, track, close };
}
