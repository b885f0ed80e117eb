import { ownServer } from "../api/ownServer";
import { AvatarFailure } from "./AvatarFailure";

/** The bytes of a file, or of what lies at an address; rejects with an `AvatarFailure`. */
export async function fetchModel(source: string | Blob): Promise<ArrayBuffer> {
  if (typeof source !== "string") return readBlob(source);
  // The token is for our own server alone.
  const isOwn = new URL(source, location.href).origin === location.origin;
  const response = await (isOwn ? ownServer.fetch(source) : fetch(source)).catch((error) => {
    throw new AvatarFailure("unreachable", `${source} cannot be fetched: ${error}.`);
  });
  if (response.status === 404) throw new AvatarFailure("missing", `There is nothing at ${source}.`);
  if (!response.ok) throw new AvatarFailure("unreachable", `${source} was answered with ${response.status}.`);
  return response.arrayBuffer();
}

async function readBlob(blob: Blob): Promise<ArrayBuffer> {
  return blob.arrayBuffer().catch((error) => {
    throw new AvatarFailure("unreadable", `The file cannot be read: ${error}.`);
  });
}
