import { callServer, type Token, type TokenRequest } from "mocast-client";

/** Have the server make a token for one room that grants what is asked for and no more; rejects with a `Failure`. */
export async function createToken(request: TokenRequest): Promise<Token> {
  const answer = await callServer("POST", "v1/tokens", request);
  return answer.json();
}
