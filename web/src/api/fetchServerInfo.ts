import type { Info } from "mocast-client";
import { ownServer } from "./ownServer";

/** Ask the server what it offers; rejects with a `MocastError`. */
export async function fetchServerInfo(): Promise<Info> {
  const response = await ownServer.call("GET", "v1/info");
  return response.json();
}
