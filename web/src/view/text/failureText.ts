import type { Failure, FailureKind } from "../../Failure";
import { asSentence } from "./asSentence";
import { optionErrorText } from "./optionErrorText";

interface Text {
  readonly title: string;
  readonly advice: string;
}

const TEXTS: Record<FailureKind, Text> = {
  "no-camera": {
    title: "No camera was found.",
    advice: "Plug one in and try again, or use a video file in its place.",
  },
  "permission-refused": {
    title: "The camera is not allowed on this page.",
    advice:
      "Allow it with the camera symbol in the address bar (or in the system's privacy settings), then try again.",
  },
  "camera-busy": {
    title: "The camera is in use by another program.",
    advice: "Close that program (a meeting, OBS, another tab), or choose another camera.",
  },
  "camera-lost": {
    title: "The camera was disconnected.",
    advice: "Plug it in again, or choose another one, and start once more.",
  },
  "camera-failed": {
    title: "The camera could not be opened.",
    advice: "Try again, or choose another camera.",
  },
  "no-microphone": { title: "No microphone was found.", advice: "Plug one in and switch it on again." },
  "microphone-refused": {
    title: "The microphone is not allowed on this page.",
    advice: "Allow it with the symbol in the address bar, then switch it on again.",
  },
  "microphone-busy": {
    title: "The microphone is in use by another program.",
    advice: "Close that program, then switch it on again.",
  },
  "microphone-lost": {
    title: "The microphone was disconnected.",
    advice: "Plug it in and switch it on again.",
  },
  "microphone-failed": { title: "The microphone could not be opened.", advice: "Switch it on again." },
  "insecure-page": {
    title: "Browsers give camera and microphone to secure pages only, and this one came over plain HTTP.",
    advice:
      "Open it over HTTPS (put a proxy such as Caddy or nginx with a certificate before Mocast), or on the same machine as http://localhost. Video files and pictures work here, too.",
  },
  "unsupported-browser": {
    title: "This browser cannot send video (WebRTC is missing or switched off).",
    advice: "Use a current Chrome, Edge, Firefox or Safari.",
  },
  "unsupported-video": {
    title: "This browser cannot play that file.",
    advice: "Choose a video as MP4 (H.264) or WebM.",
  },
  "unsupported-picture": {
    title: "This picture cannot be read.",
    advice: "Choose a JPEG, PNG, BMP or WebP of at most 16 MB.",
  },
  "server-full": { title: "The server is full or not ready.", advice: "All its places are taken." },
  "too-many": {
    title: "The server asks this page to wait.",
    advice: "Too much was asked of it from here.",
  },
  "room-taken": {
    title: "This room has a camera already.",
    advice: "End the page or the program that sends it, or open this page under another room's name.",
  },
  "token-needed": {
    title: "This server asks for a token.",
    advice: "Enter the one that its operator gave you, or open the link that you were given.",
  },
  "not-allowed": { title: "The server does not allow that.", advice: "" },
  refused: { title: "The server refused the session.", advice: "" },
  closed: { title: "The server ended the session.", advice: "" },
  "closed-for-good": { title: "The server ended the session.", advice: "" },
  "server-failed": { title: "Something went wrong in the server.", advice: "Its log says what." },
  unreachable: {
    title: "The server cannot be reached.",
    advice: "Check that Mocast runs and that the network is up.",
  },
  "no-path": {
    title: "The server answers, but video does not get through to it.",
    advice: "A firewall may block UDP: open it, or give the server a TURN relay.",
  },
  lost: { title: "The connection was lost.", advice: "Check the network." },
};

/** The kinds for which the server's own sentence says more than ours. */
const SAID_BY_SERVER = new Set<FailureKind>([
  "refused",
  "server-full",
  "too-many",
  "token-needed",
  "not-allowed",
  "closed",
  "closed-for-good",
  "unsupported-picture",
]);

/** A failure as the person reads it: what happened, and what to do or what the server said about it. */
export function failureText(failure: Failure): Text {
  const text = TEXTS[failure.kind];
  const options = failure.errors.map(optionErrorText);
  if (options.length > 0) return { ...text, advice: options.join(" ") };
  const isSaid = SAID_BY_SERVER.has(failure.kind) && failure.detail !== "";
  return isSaid ? { ...text, advice: asSentence(failure.detail) } : text;
}
