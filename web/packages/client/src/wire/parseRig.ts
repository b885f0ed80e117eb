import { makeRigFrame } from "./makeRigFrame";
import { parseBinaryRig } from "./parseBinaryRig";
import { parseJsonRig } from "./parseJsonRig";
import type { RigFrame } from "./RigFrame";

/** The rig in a message of the binary format, or in a text of the JSON one; `null` for any other. */
export function parseRig(message: ArrayBuffer | string): RigFrame | null {
  const rig = makeRigFrame();
  const isRead = typeof message === "string" ? parseJsonRig(message, rig) : parseBinaryRig(message, rig);
  return isRead ? rig : null;
}
