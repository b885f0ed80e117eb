/** Entry point of docs.html: the reference of the HTTP API, from the server's own description of it. */
import { render } from "preact";
import "./reference.css";
import type { OpenApi } from "./OpenApi";
import { ReferencePage } from "./ReferencePage";

const app = document.querySelector("#app")!;
const answer = await fetch("openapi.json").catch(() => undefined);
if (answer?.ok) {
  render(<ReferencePage document={(await answer.json()) as OpenApi} />, app);
  // What the address names was not there when the browser looked for it.
  document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
} else {
  render(<p class="failure">The server does not answer. Load the page again when it does.</p>, app);
}
