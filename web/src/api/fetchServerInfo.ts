import { callServer } from "./callServer";
import type { ServerInfo } from "./ServerInfo";

/** Ask the server what it offers; rejects with a `Failure`. */
export async function fetchServerInfo(server = ""): Promise<ServerInfo> {
  const response = await callServer("GET", `${server}/v1/info`);
  return response.json();
}
