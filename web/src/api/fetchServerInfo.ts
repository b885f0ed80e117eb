import { callServer, type Info } from "mocast-client";

/** Ask the server what it offers; rejects with a `Failure`. */
export async function fetchServerInfo(): Promise<Info> {
  const response = await callServer("GET", "v1/info");
  return response.json();
}
