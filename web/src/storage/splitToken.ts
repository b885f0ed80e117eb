const NAME = "access_token";

/** An address's token (`#access_token=…`, or in the query; empty: none), and the address without it. */
export function splitToken(address: string): { readonly token: string; readonly rest: string } {
  const url = new URL(address);
  const fragment = new URLSearchParams(url.hash.slice(1));
  const token = fragment.get(NAME) ?? url.searchParams.get(NAME) ?? "";
  if (fragment.has(NAME)) {
    fragment.delete(NAME);
    url.hash = fragment.toString();
  }
  url.searchParams.delete(NAME);
  // Forms write a space as +, which tokens may hold, and spaces they do not.
  return { token: token.trim().replaceAll(" ", "+"), rest: url.href };
}
