import { callServer } from "./callServer";

/** What a link's token may grant. */
export type LinkGrant = "publish" | "subscribe";

export interface CreatedToken {
  readonly token: string;
  /** RFC 3339. */
  readonly expires_at: string;
}

/** Have the server make a token for one room that grants this and no more; rejects with a `Failure`. */
export async function createToken(
  room: string,
  grants: readonly LinkGrant[],
  seconds: number,
): Promise<CreatedToken> {
  const answer = await callServer("POST", "v1/tokens", { room, grants, ttl_s: seconds });
  return answer.json();
}
