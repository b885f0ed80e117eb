/** Where avatar.html begins: the avatar, its room, and the inspection hook. */
import "./avatar.css";
import { AvatarPage } from "./AvatarPage";
import { avatarInspection } from "./avatarInspection";
import { parseViewerQuery } from "./parseViewerQuery";

const options = parseViewerQuery(new URLSearchParams(location.search), location.href, (colour) =>
  CSS.supports("color", colour),
);
try {
  const page = new AvatarPage(options, document.querySelector("canvas")!);
  Object.assign(window, { mocastAvatar: avatarInspection(page) });
  void page.open();
} catch (error) {
  const problem = document.querySelector<HTMLElement>("#problem")!;
  problem.textContent = "This browser cannot draw in 3-D (WebGL is off).";
  problem.hidden = false;
  throw error;
}
