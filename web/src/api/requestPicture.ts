import { type AllSettings, imageOptionNames, MocastError, settingsQuery } from "mocast-client";
import { Failure } from "../Failure";
import { ownServer } from "./ownServer";

/** Send a picture to `POST /v1/images`, for its landmarks or for the annotated picture; rejects with a `Failure`. */
export async function requestPicture(
  picture: Blob,
  settings: AllSettings,
  accept: "application/json" | "image/jpeg" | "image/png",
  signal: AbortSignal,
): Promise<Response> {
  const options = Object.entries(settings).filter(([name]) => imageOptionNames.includes(name));
  try {
    return await ownServer.request(`v1/images?${settingsQuery(Object.fromEntries(options))}`, {
      method: "POST",
      headers: { Accept: accept, "Content-Type": picture.type || "application/octet-stream" },
      body: picture,
      signal,
    });
  } catch (error) {
    const isTheFile = error instanceof MocastError && [400, 413, 415].includes(error.status);
    throw isTheFile ? new Failure("unsupported-picture", error.detail) : Failure.from(error);
  }
}
