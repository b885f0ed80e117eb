import { callServer } from "./callServer";
import type { Info } from "./generated";

/** Ask the server what it offers; rejects with a `Failure`. */
export async function fetchServerInfo(server = ""): Promise<Info> {
  const response = await callServer("GET", `${server}/v1/info`);
  return response.json();
}
