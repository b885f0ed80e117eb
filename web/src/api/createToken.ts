import type { Token, TokenRequest } from "mocast-client";
import { ownServer } from "./ownServer";

/** Have the server make a token for one room that grants what is asked for and no more; rejects with a `MocastError`. */
export async function createToken(request: TokenRequest): Promise<Token> {
  const answer = await ownServer.call("POST", "v1/tokens", request);
  return answer.json();
}
