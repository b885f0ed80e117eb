import type { MotionEvent } from "mocast-client";
import { labelText } from "./labelText";

/** What happened, in a few words; of a newer server's events at least the type. */
export function eventText({ type, data }: MotionEvent): string {
  const name = labelText(String(data.name ?? ""));
  switch (type) {
    case "gesture":
      return `${name}, ${data.hand} hand`;
    case "rep":
      return `${labelText(String(data.exercise))} ${data.count}${data.advice ? `: ${data.advice}` : ""}`;
    case "head":
      return `Head: ${name.toLowerCase()}`;
    case "posture":
      return `Posture: ${name.toLowerCase()}`;
    case "hands_lost":
      return "Hands out of sight";
    case "person_lost":
      return "Nobody in sight";
    case "fall":
      return "A sudden descent: a fall?";
    case "motion":
      return `The motion, ${data.count}: ${Math.round(Number(data.score))} of 100`;
    case "drowsy":
      return "Drowsy, as it seems";
    default:
      return labelText(type);
  }
}
