/* The one entry of every page: what every page uses is loaded now, the rest when a page has it. */
import "./theme-switch.js";
import "./net-status.js";
import "./undo-toast.js";
import "./habit-grid.js";
import { make, post, token } from "./wire.js";

/* Cards that came over the socket were made without a request, so without its token. */
document.addEventListener("submit", ({ target: form }) => {
  if (form.method !== "post") return;
  const field = form.elements.csrfmiddlewaretoken ?? make("input", { type: "hidden", name: "csrfmiddlewaretoken" });
  if (field.value) return;
  field.value = token();
  form.append(field);
}, true);

/* On a phone a strip of tabs is wider than the screen: the present one is brought into sight, the page stays. */
document.querySelectorAll(".tabs").forEach((strip) => {
  const tab = strip.querySelector("[aria-current]");
  if (tab) strip.scrollLeft = tab.offsetLeft - (strip.clientWidth - tab.offsetWidth) / 2;
});

/* Menus close when one looks elsewhere, and give the focus back to what opened them. */
const closeMenus = (except) => document.querySelectorAll("details.menu[open]").forEach((menu) => { if (!menu.contains(except)) menu.open = false; });
document.addEventListener("click", ({ target }) => closeMenus(target));
document.addEventListener("keydown", ({ key, target }) => {
  const menu = key === "Escape" && target.closest?.("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

/* The line may be lost while a page loads: it works without what is missing then. */
const offline = (error) => { if (navigator.onLine) throw error; };

const unread = document.querySelector("nav[data-unread]") && import("./unread.js").catch(offline);

/* Messages that stand before somebody's eyes are read; a page that was only fetched ahead is not. */
const seen = document.querySelector("form[data-seen]");
const tellSeen = () => document.visibilityState === "visible" && seen.isConnected && post(seen.action, new URLSearchParams([...new FormData(seen), ["quietly", "1"]])).then(({ ok }) => {
  if (!ok) return;
  unread?.then((count) => count?.wereRead(seen.querySelectorAll("[name=id]").length));
  seen.remove();
});
if (seen) { document.addEventListener("visibilitychange", tellSeen); tellSeen(); }

if (document.querySelector("today-tiles")) import("./today-tiles.js").catch(offline);
if (document.querySelector(".task-list")) import("./task-list.js").catch(offline);
if (document.querySelector("draft-keeper")) import("./draft-keeper.js").catch(offline);
if (document.querySelector("coach-fab")) import("./coach-fab.js").catch(offline);
if (document.querySelector("file-upload")) import("./file-upload.js").catch(offline);
if (document.querySelector("push-switch")) import("./push-switch.js").catch(offline);
if (document.querySelector("coach-stream")) {
  import("./coach-stream.js").then(() => import("./coach-composer.js")).catch(offline);
}
if ("serviceWorker" in navigator && document.querySelector("link[rel=manifest]")) {
  addEventListener("load", () => navigator.serviceWorker.register("/sw.js").catch(() => { /* the page works without it */ }));
}
