import { callServer } from "./callServer";
import type { Info } from "./generated";

/** Ask the server what it offers; rejects with a `Failure`. */
export async function fetchServerInfo(): Promise<Info> {
  const response = await callServer("GET", "v1/info");
  return response.json();
}
