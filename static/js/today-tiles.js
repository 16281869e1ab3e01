/* <today-tiles>: tells the server, once per tile and view of the page, that a tile was used; and when the server tells
   that a tile changed, fetches it anew. What is said aloud comes with the tile, and is said once. */
import { socket } from "./coach-socket.js";

class TodayTiles extends HTMLElement {
  connectedCallback() {
    this.token = crypto.randomUUID();
    this.told = new Set();
    this.addEventListener("click", (event) => this.tell(event.target.closest("[data-tile]")));
    this.hear = ({ detail }) => detail.type === "tile" && this.refresh(detail.tile);
    socket.addEventListener("message", this.hear);
    this.addEventListener("htmx:afterSwap", ({ target }) => this.announce(target));
  }

  disconnectedCallback() { socket.removeEventListener("message", this.hear); }

  /* Of many changes in one moment the last is fetched. */
  refresh(key) {
    const tile = [...this.children].find((each) => each.dataset.tile === key);
    if (!tile) return;
    clearTimeout(tile.soon);
    tile.soon = setTimeout(() => window.htmx?.trigger(tile, "tile-changed"), 150);
  }

  announce(tile) {
    const words = tile.querySelector?.("[data-announce]")?.dataset.announce;
    const status = document.querySelector("[data-tile-news]");
    if (words && status && status.textContent !== words) status.textContent = words;
  }

  tell(tile) {
    const key = tile?.dataset.tile;
    if (!key || this.told.has(key)) return;
    this.told.add(key);
    const headers = JSON.parse(document.body.getAttribute("hx-headers") || "{}");
    fetch(`/today/tiles/${key}/taps/${this.token}/`, { method: "POST", headers, keepalive: true }).catch(() => this.told.delete(key));
  }
}

customElements.define("today-tiles", TodayTiles);
