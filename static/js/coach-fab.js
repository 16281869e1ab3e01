/* <coach-fab> and <coach-sheet>: the assistant on every page.

   The button rests in one of four corners: by dragging, or by its menu, which also hides it. The menu opens by the small
   button beside it, a long press or a right click. The sheet is a native dialog: three quarters of a phone's screen, then
   all of it; a swipe down, the backdrop, Escape and the close button all close it, and the focus goes back. */
import { toast } from "./undo-toast.js";
import { buzz, calm, fragment, icon, make, store } from "./wire.js";

const CORNERS = { br: "bottom right", bl: "bottom left", tr: "top right", tl: "top left" };
const QUICK = [["trend", "Analyze my progress"], ["spark", "Suggest habits for me"], ["info", "Show my insights"]];
const LONG_PRESS = 500;

class CoachFab extends HTMLElement {
  connectedCallback() {
    this.sheet = document.querySelector("coach-sheet");
    this.button = this.querySelector(".fab");
    this.menu = this.querySelector(".fab-menu");
    this.corner = store.get("corner", "br");
    this.dataset.corner = this.corner;
    this.hidden = store.get("fab-hidden", false);
    this.dataset.state = store.get("unread") ? "new" : "idle";
    this.dataset.breathe = "";
    setTimeout(() => { delete this.dataset.breathe; }, 4500);
    this.button.addEventListener("click", (event) => {
      if (this.moved) { event.preventDefault(); return; }
      buzz();
      this.sheet.open(this.button);
    });
    this.button.addEventListener("contextmenu", (event) => { event.preventDefault(); this.showMenu(); });
    this.button.addEventListener("pointerdown", (event) => this.press(event));
    this.menu.addEventListener("click", (event) => this.choose(event.target.closest("button")));
    this.menu.addEventListener("toggle", ({ newState }) => { if (newState === "open") this.placeMenu(); });
    this.menu.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      const items = [...this.menu.querySelectorAll("button:not([hidden])")];
      items.at((items.indexOf(document.activeElement) + step) % items.length).focus();
    });
    document.addEventListener("coach:state", ({ detail }) => this.show(detail.state));
    this.follow();
  }

  show(state) {
    const seen = state === "new" && this.sheet.dialog.open ? "idle" : state;
    this.dataset.state = seen;
    store.set("unread", seen === "new" || null);
    this.querySelector("[data-words]").textContent = { new: "New message", thinking: "Thinking", processing: "Working" }[seen] || "";
    for (const dot of document.querySelectorAll("[data-coach-dot]")) dot.hidden = seen !== "new";
  }

  /* An answer that was being written when the page changed is followed from here. */
  async follow() {
    const run = store.get("run");
    if (!run || Date.now() - run.at > 120000) return;
    const { socket } = await import("./coach-socket.js");
    this.show("thinking");
    const ears = new AbortController();
    socket.addEventListener("open", () => socket.say({ type: "resume", run: run.id, after: 0 }), { signal: ears.signal });
    socket.addEventListener("message", ({ detail }) => {
      if (detail.type === "run.finished" && detail.run === run.id) {
        ears.abort();
        store.set("run", null);
        this.show("new");
      }
    }, { signal: ears.signal });
    socket.connect();
    if (socket.open) socket.say({ type: "resume", run: run.id, after: 0 });
  }

  /* --- moving ------------------------------------------------------------------------------ */
  press(event) {
    if (event.button || !event.isPrimary) return;
    const start = { x: event.clientX, y: event.clientY };
    const box = this.getBoundingClientRect();
    this.moved = false;
    const long = setTimeout(() => { this.moved = true; buzz(15); this.showMenu(); end(); }, LONG_PRESS);
    const move = (at) => {
      const x = at.clientX - start.x;
      const y = at.clientY - start.y;
      if (!this.moved && Math.hypot(x, y) < 8) return;
      clearTimeout(long);
      this.moved = true;
      this.style.transform = `translate(${Math.min(Math.max(x, -box.left), innerWidth - box.right)}px, ${Math.min(Math.max(y, -box.top), innerHeight - box.bottom)}px)`;
    };
    const end = (at) => {
      clearTimeout(long);
      removeEventListener("pointermove", move);
      removeEventListener("pointerup", end);
      removeEventListener("pointercancel", end);
      if (at && this.style.transform) {
        const now = this.getBoundingClientRect();
        this.moveTo((now.top + now.height / 2 < innerHeight / 2 ? "t" : "b") + (now.left + now.width / 2 < innerWidth / 2 ? "l" : "r"));
      }
      setTimeout(() => { this.moved = false; });
    };
    addEventListener("pointermove", move);
    addEventListener("pointerup", end);
    addEventListener("pointercancel", end);
  }

  /* Glides from where it is to its corner. */
  moveTo(corner) {
    const from = this.getBoundingClientRect();
    this.corner = this.dataset.corner = corner;
    this.style.transform = "";
    store.set("corner", corner);
    if (calm()) return;
    const to = this.getBoundingClientRect();
    this.style.transform = `translate(${from.left - to.left}px, ${from.top - to.top}px)`;
    requestAnimationFrame(() => {
      this.dataset.settling = "";
      this.style.transform = "";
      this.addEventListener("transitionend", () => { delete this.dataset.settling; }, { once: true });
    });
  }

  /* --- menu -------------------------------------------------------------------------------- */
  showMenu() { if (!this.menu.matches(":popover-open")) this.menu.showPopover(); }

  placeMenu() {
    const box = this.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.menu;
    const below = box.top < innerHeight / 2;
    this.menu.style.left = `${Math.min(Math.max(8, box.right - width), innerWidth - width - 8)}px`;
    this.menu.style.top = `${Math.max(8, below ? box.bottom + 8 : box.top - height - 8)}px`;
    for (const item of this.menu.querySelectorAll("[data-corner-choice]")) item.hidden = item.dataset.cornerChoice === this.corner;
    this.menu.querySelector("button:not([hidden])").focus();
  }

  choose(item) {
    if (!item) return;
    this.menu.hidePopover();
    const { ask, cornerChoice } = item.dataset;
    if (ask) this.sheet.open(this.button, ask);
    else if (cornerChoice) { this.moveTo(cornerChoice); this.button.focus(); }
    else if ("hide" in item.dataset) {
      this.shown(false);
      toast("Hidden on this device. Settings brings it back.", { action: "Undo", run: () => { this.shown(true); this.button.focus(); } });
    }
  }

  shown(shown) {
    this.hidden = !shown;
    store.set("fab-hidden", !shown || null);
    document.dispatchEvent(new CustomEvent("habyss:assistant", { detail: { shown } }));
  }
}

class CoachSheet extends HTMLElement {
  connectedCallback() {
    this.dialog = this.querySelector("dialog");
    this.dialog.addEventListener("click", (event) => {
      if (event.target === this.dialog || event.target.closest("[data-close]")) this.close();
      else if (event.target.closest(".sheet__grip")) this.full(!("full" in this.dialog.dataset));
    });
    this.dialog.addEventListener("close", () => {
      this.full(false);
      this.dialog.style.transform = "";
      this.opener?.focus();
    });
    this.dialog.addEventListener("pointerdown", (event) => this.swipe(event));
    /* Reading back or a long thread wants the whole screen. */
    this.dialog.addEventListener("focusin", (event) => { if (event.target.matches("textarea") && matchMedia("(pointer: coarse)").matches) this.full(true); });
  }

  async open(opener, ask = "") {
    this.opener = opener;
    if (!this.dialog.open) this.dialog.showModal();
    document.dispatchEvent(new CustomEvent("coach:state", { detail: { state: "idle" } }));
    if (!this.talk) await this.load();
    if (!this.talk) return;
    if (ask) this.talk.send(ask);
    if (ask || matchMedia("(pointer: fine)").matches) this.talk.querySelector("[data-input]").focus();
    else this.dialog.querySelector("[data-scroll]").focus();
    this.talk.toEnd();
  }

  async load() {
    const body = this.dialog.querySelector(".sheet__body");
    try {
      const [answer] = await Promise.all([fetch(`${this.dataset.url}?page=${encodeURIComponent(location.pathname)}`, { credentials: "same-origin" }), import("./coach-stream.js"), import("./coach-composer.js")]);
      if (!answer.ok || answer.redirected) throw new Error(answer.status);
      body.replaceChildren(fragment(await answer.text()));
      window.htmx?.process(body);
      this.talk = body.querySelector("coach-stream");
    } catch {
      const again = make("button", { class: "btn", type: "button" }, icon("retry"), "Try again");
      again.addEventListener("click", () => this.open(this.opener));
      body.replaceChildren(make("div", { class: "sheet__wait" }, make("p", {}, "The coach cannot be reached right now."), make("div", { class: "cluster" }, again, make("button", { class: "btn btn--quiet", type: "button", "data-close": "" }, "Close"))));
    }
  }

  full(on) { this.dialog.toggleAttribute("data-full", on); this.dialog.querySelector(".sheet__grip").setAttribute("aria-expanded", String(on)); }

  close() { if (this.dialog.open) this.dialog.close(); }

  swipe(event) {
    if (!event.isPrimary || event.button || !event.target.closest(".sheet__grip, .sheet__head") || event.target.closest("a, button:not(.sheet__grip)") || innerWidth >= 768) return;
    const start = event.clientY;
    let way = 0;
    const move = (at) => { way = at.clientY - start; this.dialog.style.transform = `translateY(${Math.max(0, way)}px)`; };
    const end = () => {
      removeEventListener("pointermove", move);
      removeEventListener("pointerup", end);
      removeEventListener("pointercancel", end);
      if (way > 110) return this.close();
      if (way < -40) this.full(true);
      this.dialog.dataset.settling = "";
      this.dialog.style.transform = "";
      setTimeout(() => { delete this.dialog.dataset.settling; }, 260);
    };
    addEventListener("pointermove", move);
    addEventListener("pointerup", end);
    addEventListener("pointercancel", end);
  }
}

/* The menu's entries, made here: without script there is no button that could open it. */
for (const menu of document.querySelectorAll(".fab-menu")) {
  const entry = (name, words, data) => make("button", { class: "menu__item", type: "button", ...data }, icon(name), words);
  menu.append(
    ...QUICK.map(([name, words]) => entry(name, words, { "data-ask": words })),
    make("hr"),
    ...Object.entries(CORNERS).map(([corner, words]) => entry("move", `Move to ${words}`, { "data-corner-choice": corner })),
    entry("hide", "Hide the assistant", { "data-hide": "" }),
  );
}
customElements.define("coach-sheet", CoachSheet);
customElements.define("coach-fab", CoachFab);
