/** Where the page begins: one studio, the view on it, and the inspection hook. */
import { render } from "preact";
import "./style.css";
import { AvatarDesk } from "./studio/AvatarDesk";
import { inspection } from "./studio/inspection";
import { Studio } from "./studio/Studio";
import { App } from "./view/App";

const studio = new Studio(new URLSearchParams(location.search));
const desk = new AvatarDesk(studio);
Object.assign(window, { mocast: inspection(desk) });
render(<App desk={desk} />, document.querySelector("#app")!);
void studio.open();
