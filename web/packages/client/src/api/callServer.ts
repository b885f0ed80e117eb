import { Failure } from "../Failure";
import { failureFromResponse } from "./failureFromResponse";
import { fetchFromServer } from "./fetchFromServer";

/** One call of the server's HTTP API, with a JSON body or none; rejects with a `Failure` unless it succeeded. */
export async function callServer(method: string, url: string, body?: unknown): Promise<Response> {
  const init =
    body === undefined
      ? { method }
      : { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const response = await fetchFromServer(url, init).catch((error) => {
    throw new Failure("unreachable", String(error));
  });
  if (!response.ok) throw await failureFromResponse(response);
  return response;
}
