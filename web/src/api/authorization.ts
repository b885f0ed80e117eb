/** What the page's calls of the server are authorized with (docs/http-api.md). The page sets it; nothing else keeps it. */
export const authorization = {
  /** A token; empty: none. */
  token: "",
  /** Called when the server answers that there must be one, or that it is not valid. */
  onRefused: () => {},
};
