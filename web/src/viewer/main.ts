/** Entry point of avatar.html: the avatar, the room that it follows, and `window.mocastAvatar`. */
import "./viewer.css";
import { authorization } from "../api/authorization";
import { takeToken } from "../storage/takeToken";
import { parseViewerQuery } from "./parseViewerQuery";
import { ViewerPage } from "./ViewerPage";
import { viewerInspection } from "./viewerInspection";

authorization.token = takeToken();
// Another link to this page was opened in the same tab.
addEventListener("hashchange", () => takeToken() !== authorization.token && location.reload());
const options = parseViewerQuery(new URLSearchParams(location.search), location.href, (colour) =>
  CSS.supports("color", colour),
);
try {
  const page = new ViewerPage(options, document.querySelector("canvas")!);
  Object.assign(window, { mocastAvatar: viewerInspection(page) });
  void page.open();
} catch (error) {
  const problem = document.querySelector<HTMLElement>("#problem")!;
  problem.textContent = "This browser cannot draw in 3-D (WebGL is off).";
  problem.hidden = false;
  throw error;
}
