import { Failure, type FailureKind } from "../Failure";
import type { Capture } from "./Capture";

/** The names that `getUserMedia` gives to what went wrong. */
const KINDS: Record<string, FailureKind> = {
  NotFoundError: "no-camera",
  OverconstrainedError: "no-camera",
  NotAllowedError: "permission-refused",
  SecurityError: "permission-refused",
  NotReadableError: "camera-busy",
  AbortError: "camera-busy",
};

/** Opens a camera (any, where `deviceId` is empty or gone) at about this height; rejects with a `Failure`. */
export async function openCamera(deviceId: string, height: number): Promise<Capture> {
  if (!globalThis.isSecureContext) throw new Failure("insecure-page");
  if (!navigator.mediaDevices?.getUserMedia) throw new Failure("unsupported-browser");
  const stream = await userMedia({
    deviceId: deviceId ? { ideal: deviceId } : undefined,
    height: { ideal: height },
    width: { ideal: Math.round((height * (height > 480 ? 16 : 12)) / 9) },
    frameRate: { ideal: 30, max: 60 },
    ...(deviceId ? {} : { facingMode: "user" }),
  });
  const [track] = stream.getVideoTracks();
  // To the encoder: keep the frame rate, give up sharpness.
  track.contentHint = "motion";
  return { kind: "camera", label: track.label || "Camera", stream, track, close: () => track.stop() };
}

async function userMedia(video: MediaTrackConstraints): Promise<MediaStream> {
  try {
    return await navigator.mediaDevices.getUserMedia({ video, audio: false });
  } catch (error) {
    const name = error instanceof DOMException ? error.name : "";
    throw new Failure(KINDS[name] ?? "camera-failed", String(error));
  }
}
