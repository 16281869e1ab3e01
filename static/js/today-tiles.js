// <today-tiles>: tells the server, once per tile and view of the page, that a tile was used.
class TodayTiles extends HTMLElement {
  connectedCallback() {
    this.token = crypto.randomUUID();
    this.told = new Set();
    this.addEventListener("click", (event) => this.tell(event.target.closest("[data-tile]")));
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
