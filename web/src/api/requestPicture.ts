import {
  type AllSettings,
  Failure,
  failureFromResponse,
  fetchFromServer,
  imageOptionNames,
  settingsQuery,
} from "mocast-client";

/** Send a picture to `POST /v1/images`, for its landmarks or for the annotated picture; rejects with a `Failure`. */
export async function requestPicture(
  picture: Blob,
  settings: AllSettings,
  accept: "application/json" | "image/jpeg" | "image/png",
  signal: AbortSignal,
): Promise<Response> {
  const options = Object.entries(settings).filter(([name]) => imageOptionNames.includes(name));
  const response = await fetchFromServer(`v1/images?${settingsQuery(Object.fromEntries(options))}`, {
    method: "POST",
    headers: { Accept: accept, "Content-Type": picture.type || "application/octet-stream" },
    body: picture,
    signal,
  }).catch((error) => {
    if (signal.aborted) throw error;
    throw new Failure("unreachable", String(error));
  });
  if (response.ok) return response;
  const failure = await failureFromResponse(response);
  const isTheFile = [400, 413, 415].includes(response.status);
  throw isTheFile ? new Failure("unsupported-picture", failure.detail) : failure;
}
