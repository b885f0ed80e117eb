import { authorization } from "./authorization";

/** `fetch` for addresses of the server's API: with the token, in a header, where no log and no other site sees it. */
export async function fetchFromServer(url: string, init: RequestInit = {}): Promise<Response> {
  const { token } = authorization;
  const headers = new Headers(init.headers);
  if (token) headers.set("Authorization", `Bearer ${token}`);
  const response = await fetch(url, { ...init, headers });
  if (response.status !== 401) return response;
  // Another token was given meanwhile: whoever waits for this answer must not be told of the old one.
  if (token !== authorization.token) return fetchFromServer(url, init);
  authorization.onRefused();
  return response;
}
