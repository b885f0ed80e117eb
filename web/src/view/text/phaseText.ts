import { Failure } from "../../Failure";
import type { Phase } from "../../state/LiveController";
import { failureText } from "./failureText";

/** What the page is doing, for the pill in the header and for screen readers. */
export function phaseText(phase: Phase): string {
  switch (phase.is) {
    case "idle":
      return "Ready";
    case "opening":
      return "Waiting for the camera";
    case "connecting":
      return phase.attempt === 0 ? "Connecting" : "Reconnecting";
    case "live":
      return "Live";
    case "waiting":
      return failureText(Failure.from(phase.error)).title.replace(/\.$/, "");
    case "ended":
      return "Stopped";
  }
}
