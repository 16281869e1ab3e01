/* The one entry of every page: what every page uses is loaded now, the rest when a page has it. */
import "./theme-switch.js";
import "./net-status.js";
import "./undo-toast.js";
import "./habit-grid.js";

if (document.querySelector("coach-fab")) import("./coach-fab.js");
if (document.querySelector("coach-stream")) {
  import("./coach-stream.js").then(() => import("./coach-composer.js"));
}
if ("serviceWorker" in navigator && document.querySelector("link[rel=manifest]")) {
  addEventListener("load", () => navigator.serviceWorker.register("/sw.js").catch(() => { /* the page works without it */ }));
}
