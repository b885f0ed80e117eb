import { callServer } from "./callServer";
import type { Token, TokenRequest } from "./generated";

/** Have the server make a token for one room that grants what is asked for and no more; rejects with a `Failure`. */
export async function createToken(request: TokenRequest): Promise<Token> {
  const answer = await callServer("POST", "v1/tokens", request);
  return answer.json();
}
