/** Where the page begins: one studio, the view on it, and the inspection hook. */
import { render } from "preact";
import "./style.css";
import { inspection } from "./studio/inspection";
import { Studio } from "./studio/Studio";
import { App } from "./view/App";

const studio = new Studio(new URLSearchParams(location.search));
Object.assign(window, { mocast: inspection(studio) });
render(<App studio={studio} />, document.querySelector("#app")!);
void studio.open();
