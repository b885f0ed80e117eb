import { Failure } from "./Failure";
import { failureOfResponse } from "./failureOfResponse";
import type { ServerInfo } from "./ServerInfo";

/** Ask the server what it offers; rejects with a `Failure`. */
export async function fetchServerInfo(server = ""): Promise<ServerInfo> {
  const response = await fetch(`${server}/v1/info`).catch((error) => {
    throw new Failure("unreachable", String(error));
  });
  if (!response.ok) throw await failureOfResponse(response);
  return response.json();
}
