/** What the person reads, by the names that `getUserMedia` gives to what went wrong. */
const SENTENCES: Record<string, string> = {
  NotFoundError: "No microphone was found.",
  NotAllowedError: "The microphone is not allowed on this page: allow it with the symbol in the address bar.",
  SecurityError: "The microphone is not allowed on this page: allow it with the symbol in the address bar.",
  NotReadableError: "The microphone is in use by another program.",
};

/** Opens whichever microphone the browser prefers, without its loudspeakers' echo; rejects with an `Error` that says why. */
export async function openMicrophone(): Promise<MediaStreamTrack> {
  if (!navigator.mediaDevices?.getUserMedia)
    throw new Error("Browsers give the microphone to secure pages only.");
  try {
    const audio = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
    const stream = await navigator.mediaDevices.getUserMedia({ audio, video: false });
    return stream.getAudioTracks()[0];
  } catch (error) {
    const name = error instanceof DOMException ? error.name : "";
    throw new Error(SENTENCES[name] ?? "The microphone could not be opened.");
  }
}
