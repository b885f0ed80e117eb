/** An address with a token in its fragment, which browsers send to nobody. */
export function withToken(address: string, token: string): string {
  const url = new URL(address);
  url.hash = new URLSearchParams({ access_token: token }).toString();
  return url.href;
}
