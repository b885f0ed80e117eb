import { Server } from "mocast-client";
import { authorization } from "./authorization";

/** The server that the page came from, called with the tab's token. */
export const ownServer = new Server("", (refused) => {
  // Another token may have been given meanwhile: then whoever waits for the answer is not told of the old one.
  if (refused === authorization.token) authorization.onRefused();
  return authorization.token;
});
