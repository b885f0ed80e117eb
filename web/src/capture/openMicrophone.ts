import { Failure, type FailureKind } from "../Failure";

/** The names that `getUserMedia` gives to what went wrong. */
const KINDS: Record<string, FailureKind> = {
  NotFoundError: "no-microphone",
  NotAllowedError: "microphone-refused",
  SecurityError: "microphone-refused",
  NotReadableError: "microphone-busy",
};

/** Opens whichever microphone the browser prefers, without its loudspeakers' echo; rejects with a `Failure`. */
export async function openMicrophone(): Promise<MediaStreamTrack> {
  if (!navigator.mediaDevices?.getUserMedia) throw new Failure("insecure-page");
  try {
    const audio = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
    const stream = await navigator.mediaDevices.getUserMedia({ audio, video: false });
    return stream.getAudioTracks()[0];
  } catch (error) {
    const name = error instanceof DOMException ? error.name : "";
    throw new Failure(KINDS[name] ?? "microphone-failed", String(error));
  }
}
