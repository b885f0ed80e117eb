import { splitToken } from "./splitToken";
import { storage } from "./storage";

/** The tab's token: the one in the page's address, which is kept for the tab and taken out of the address bar, else the kept one. */
export function takeToken(): string {
  const { token, rest } = splitToken(location.href);
  if (!token) return storage.loadToken();
  history.replaceState(history.state, "", rest);
  storage.saveToken(token);
  return token;
}
