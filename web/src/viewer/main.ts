/** Entry point of avatar.html: the avatar, the room that it follows, and `window.mocastAvatar`. */
import "./viewer.css";
import { parseViewerQuery } from "./parseViewerQuery";
import { ViewerPage } from "./ViewerPage";
import { viewerInspection } from "./viewerInspection";

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
