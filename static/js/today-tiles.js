/* <today-tiles>: tells the server, once per tile and view of the page, that a tile was used, or that somebody scrolled
   to one that was out of sight and stayed with it for a second; and when the server tells
   that a tile changed, fetches it anew. What is said aloud comes with the tile, and is said once. */
import { socket } from "./coach-socket.js";

class TodayTiles extends HTMLElement {
  connectedCallback() {
    this.token = crypto.randomUUID();
    this.told = new Set();
    this.addEventListener("click", (event) => this.tell(event.target.closest("[data-tile]"), "taps"));
    this.watcher = new IntersectionObserver((entries) => entries.forEach((entry) => this.watch(entry)), { rootMargin: "0px 0px -20% 0px" });
    const hidden = [...this.children].filter((tile) => tile.dataset.tile && tile.getBoundingClientRect().top >= innerHeight);
    hidden.forEach((tile) => this.watcher.observe(tile));
    this.hear = ({ detail }) => detail.type === "tile" && this.refresh(detail.tile);
    socket.addEventListener("message", this.hear);
    this.addEventListener("htmx:afterSwap", ({ target }) => this.announce(target));
  }

  disconnectedCallback() {
    socket.removeEventListener("message", this.hear);
    this.watcher.disconnect();
  }

  /* Passing by is not looking. */
  watch({ target, isIntersecting }) {
    clearTimeout(target.stays);
    if (isIntersecting) target.stays = setTimeout(() => {
      this.watcher.unobserve(target);
      if (this.isConnected && !document.hidden) this.tell(target, "views");
    }, 1000);
  }

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

  tell(tile, what) {
    const key = tile?.dataset.tile, once = `${what}:${key}`;
    if (!key || this.told.has(once)) return;
    this.told.add(once);
    const headers = JSON.parse(document.body.getAttribute("hx-headers") || "{}");
    fetch(`/today/tiles/${key}/${what}/${this.token}/`, { method: "POST", headers, keepalive: true }).catch(() => this.told.delete(once));
  }
}

customElements.define("today-tiles", TodayTiles);
