/** Entry point of index.html: the controllers, the view on them, and `window.mocast`. */
import { render } from "preact";
import "./style.css";
import { AvatarController } from "./state/AvatarController";
import { LiveController } from "./state/LiveController";
import { pageInspection } from "./state/pageInspection";
import { parsePageQuery } from "./state/parsePageQuery";
import { tellGestures } from "./state/tellGestures";
import { App } from "./view/App";

const live = new LiveController(parsePageQuery(new URLSearchParams(location.search)));
const avatar = new AvatarController(live);
tellGestures(live);
Object.assign(window, { mocast: pageInspection(avatar) });
render(<App avatar={avatar} />, document.querySelector("#app")!);
void live.open();
