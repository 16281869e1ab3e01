/* <coach-stream>: the messages of a conversation and what is being written now. The run belongs to the server; this shows
   its events in the order of `seq` and asks again for those it missed. The page shows the same thread without script. */
import { socket } from "./coach-socket.js";
import { toast } from "./undo-toast.js";
import { fragment, icon, make, post, store } from "./wire.js";

const NEAR = 64;

class CoachStream extends HTMLElement {
  connectedCallback() {
    this.scroller = this.querySelector("[data-scroll]");
    this.thread = this.querySelector("[data-thread]");
    this.line = this.querySelector("[data-line]");
    this.pill = this.querySelector("[data-latest]");
    this.conversation = this.dataset.conversation || null;
    this.run = null;
    this.following = true;
    this.ears = new AbortController();
    const { signal } = this.ears;
    socket.addEventListener("message", ({ detail }) => this.hear(detail), { signal });
    socket.addEventListener("open", () => this.resume(), { signal });
    socket.addEventListener("close", () => { if (this.run || socket.unsent.length) this.say("Connecting again. Nothing is lost."); }, { signal });
    socket.addEventListener("signed-out", () => this.say("You are signed out. Reload the page to sign in again."), { signal });
    this.scroller.addEventListener("scroll", () => this.watch(), { signal, passive: true });
    this.pill.addEventListener("click", () => this.toEnd(true), { signal });
    this.addEventListener("click", (event) => this.click(event), { signal });
    this.addEventListener("submit", (event) => this.submit(event), { signal });
    /* Late pictures, cards and the phone's keyboard change heights: stay at the end if we were there. */
    this.sizes = new ResizeObserver(() => this.following && this.toEnd());
    this.sizes.observe(this.scroller);
    this.sizes.observe(this.thread);
    this.toEnd();
    if (this.dataset.run) this.follow(this.dataset.run);
    for (const item of socket.unsent) if (this.mine(item)) this.showSent(item);
    socket.connect();
    if (socket.open) this.resume();
  }

  disconnectedCallback() { this.ears.abort(); this.sizes.disconnect(); }

  get busy() { return Boolean(this.run); }

  mine(item) { return item.type === "send" && (item.conversation ?? null) === this.conversation; }

  /* --- sending ------------------------------------------------------------------------- */
  send(text, attachments = [], client_id = undefined) {
    const message = { type: "send", conversation: this.conversation, text, attachments: attachments.map((file) => file.id), context: { page: location.pathname } };
    const id = socket.deliver(message, client_id);
    this.showSent({ ...message, client_id: id, files: attachments });
    this.following = true;
    this.toEnd();
    return id;
  }

  edit(message, text) {
    const node = this.byId(message);
    node.querySelector("[data-text]").innerText = text;
    this.cutAfter(node);
    this.acting = socket.deliver({ type: "edit", message, text });
    this.waitFor("Sending");
  }

  /* What follows belongs to another branch; the acknowledgement brings the new one whole. */
  cutAfter(node) { while (node.nextElementSibling) node.nextElementSibling.remove(); }

  showSent(item) {
    this.querySelector("[data-welcome]")?.remove();
    let node = this.byClient(item.client_id);
    if (!node) {
      node = this.blank("user");
      node.dataset.client = item.client_id;
      node.querySelector("[data-text]").innerText = item.text;
      if (item.files?.length) node.querySelector(".msg__body").append(make("ul", { class: "files" }, ...item.files.map((file) => make("li", { class: "badge" }, icon("clip"), file.name))));
      this.thread.append(node);
    }
    node.dataset.status = "waiting";
    this.note(node, socket.open ? "" : "Waiting for a connection");
    if (socket.open) this.waitFor("Sending");
  }

  note(node, text) {
    const place = node.querySelector("[data-note]");
    place.hidden = !text;
    place.textContent = text;
  }

  byClient(id) { return this.thread.querySelector(`[data-client="${CSS.escape(id)}"]`); }

  byId(id) { return this.thread.querySelector(`[data-message="${CSS.escape(id)}"]`); }

  blank(role) {
    const node = this.querySelector(`[data-blank="${role}"]`).content.firstElementChild.cloneNode(true);
    const time = node.querySelector("[data-time]");
    time.dateTime = new Date().toISOString();
    time.textContent = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    return node;
  }

  /* --- hearing ------------------------------------------------------------------------- */
  hear(event) {
    if (event.type === "ack") return this.acknowledged(event);
    if (event.type === "error") return this.refused(event);
    if (event.type === "badge" || event.type === "pong" || !event.run) return;
    if (event.run !== this.run) {
      if (event.type !== "run.started" || event.conversation !== this.conversation) return;
      this.follow(event.run);
    }
    if (event.seq <= this.seen) return;
    if (event.seq > this.seen + 1 && !this.asking) {
      this.asking = true;
      return socket.say({ type: "resume", run: this.run, after: this.seen });
    }
    if (event.seq > this.seen + 1) return;
    this.asking = false;
    this.seen = event.seq;
    this.show(event);
    if (this.following) this.toEnd(); else this.pill.hidden = false;
  }

  acknowledged({ client_id, conversation, message, run }) {
    const node = this.byClient(client_id);
    const isMine = node || this.acting === client_id;
    /* Asked for before a reload, answered after it: the page does not have it yet. */
    if (!isMine) return conversation === this.conversation ? this.reload() : undefined;
    if (!this.conversation) {
      this.conversation = this.dataset.conversation = conversation;
      this.isNew = true;
      if (this.dataset.place === "page") history.replaceState(null, "", `${this.dataset.coach}${conversation}/`);
      this.dispatchEvent(new CustomEvent("coach:conversation", { bubbles: true, detail: { conversation } }));
    }
    const known = this.byId(message);
    if (node && known && known !== node) {
      node.remove(); // the page already came with it: only the acknowledgement was lost
    } else if (node) {
      node.dataset.status = "complete";
      node.dataset.message = message;
      this.note(node, "");
      node.querySelector(".msg__acts").append(make("button", { class: "btn btn--quiet btn--icon", type: "button", "data-edit": "", "aria-label": "Edit this message", title: "Edit" }, icon("edit")));
    } else {
      this.acting = null;
      return this.reload();
    }
    if (run && run !== this.run) this.follow(run);
  }

  refused({ client_id, problem }) {
    const words = problem?.detail || problem?.title || "That could not be sent.";
    const node = client_id && this.byClient(client_id);
    this.waitFor("");
    if (!node) {
      if (this.acting) this.reload();
      this.acting = null;
      return toast(words, { error: true });
    }
    node.dataset.status = "failed";
    this.note(node, words);
    const again = make("button", { class: "btn btn--small", type: "button" }, "Try again");
    again.addEventListener("click", () => {
      again.remove();
      const text = node.querySelector("[data-text]").innerText;
      socket.deliver({ type: "send", conversation: this.conversation, text, attachments: [] }, client_id);
      node.dataset.status = "waiting";
      this.note(node, "");
    });
    node.querySelector("[data-note]").append(" ", again);
  }

  /* Begins to follow a run: from its start, into an empty message, so that nothing is missed or shown twice. */
  follow(run) {
    this.run = run;
    this.seen = 0;
    this.asking = false;
    this.reply = null;
    store.set("run", { id: run, at: Date.now() });
    this.waitFor("Coach is thinking");
    this.state("thinking");
    if (socket.open && run === this.dataset.run) this.resume();
  }

  resume() { if (this.run) { this.asking = true; socket.say({ type: "resume", run: this.run, after: this.seen }); } }

  show(event) {
    const { type } = event;
    if (type === "run.started") {
      this.reply = this.byId(event.reply);
      if (!this.reply) {
        this.reply = this.blank("assistant");
        this.reply.dataset.message = event.reply;
        this.reply.id = `message-${event.reply}`;
        this.thread.append(this.reply);
      }
      this.reply.dataset.status = "streaming";
      this.reply.querySelector("[data-text]").replaceChildren();
      this.reply.querySelector("[data-cards]").replaceChildren();
      return;
    }
    if (type === "status") {
      this.waitFor(event.state === "replying" ? "Coach is replying" : event.label || "Coach is thinking");
      return this.state(event.state === "tool" ? "processing" : "thinking");
    }
    if (!this.reply) return;
    if (type === "text") {
      const text = this.reply.querySelector("[data-text]");
      if (event.reset) text.replaceChildren();
      let open = text.querySelector(":scope > .msg__open");
      if (!open) text.append(open = make("div", { class: "msg__open" }));
      for (const html of event.sealed || []) open.before(fragment(html));
      if ("open" in event) open.innerHTML = event.open;
      else if (!event.sealed) open.append(event.delta);
      this.waitFor("Coach is replying");
    } else if (type === "card") {
      this.card(event);
    } else if (type === "notice") {
      const notice = event.html ? fragment(event.html) : make("p", { class: "notice" }, event.text);
      if (event.kind === "crisis") this.reply.querySelector("[data-text]").replaceChildren(notice);
      else this.reply.querySelector("[data-cards]").append(notice);
    } else if (type === "run.finished") {
      this.finish(event);
    }
  }

  card({ call, name, state, html, label, card }) {
    if (card?.suggestions?.length) this.suggestions = card.suggestions;
    const cards = this.reply.querySelector("[data-cards]");
    const old = cards.querySelector(`[data-call="${CSS.escape(call)}"]`);
    let node = html ? fragment(html).querySelector("[data-call]") : null;
    if (!node) {
      const words = label || name.replaceAll("_", " ");
      node = make("div", { class: "tool", "data-call": call, "data-state": state },
        html && state === "done" ? fragment(html) : make("p", { class: "tool__line" }, make("span", { class: "tool__spin", "aria-hidden": "true" }), make("span", {}, words.charAt(0).toUpperCase() + words.slice(1))));
    }
    if (old) old.replaceWith(node); else cards.append(node);
    window.htmx?.process(node);
    if (state === "done" && node.querySelector(".tool__undo") && this.run !== this.dataset.run) {
      const words = node.querySelector("h2, h3, h4, strong")?.textContent.trim() || "Done";
      const undo = () => this.thread.querySelector(`[data-call="${CSS.escape(call)}"] .tool__undo`)?.requestSubmit();
      toast(`${words}: saved.`, { action: "Undo", run: undo });
    }
  }

  finish({ status, message, html }) {
    const old = this.reply;
    this.run = this.reply = null;
    this.dataset.run = "";
    store.set("run", null);
    const held = old.contains(document.activeElement);
    if (html) {
      const node = fragment(html).firstElementChild;
      old.replaceWith(node);
      window.htmx?.process(node);
      if (held) this.scroller.focus({ preventScroll: true });
    } else {
      old.dataset.status = status === "completed" ? "complete" : status;
      if (message?.id) old.dataset.message = message.id;
    }
    this.waitFor({ completed: "Reply ready", stopped: "Stopped" }[status] || "The answer did not finish. You can try again.", false);
    this.state(document.hidden || !this.offsetParent ? "new" : "idle");
    if (this.suggestions) this.dispatchEvent(new CustomEvent("coach:suggest", { detail: { suggestions: this.suggestions } }));
    this.suggestions = null;
    if (this.isNew && this.dataset.place === "page") this.reframe();
    document.body.dispatchEvent(new CustomEvent("coach:finished", { bubbles: true }));
  }

  /* A conversation that has just begun gets its name, its menu and its line in the list. */
  async reframe() {
    this.isNew = false;
    const page = await this.fetchPage(location.href);
    if (!page) return;
    document.title = page.title;
    for (const part of [".coach__head", ".coach__side"]) {
      const fresh = page.querySelector(part);
      if (fresh) document.querySelector(part)?.replaceWith(fresh);
    }
  }

  async fetchPage(url) {
    const answer = await fetch(url, { credentials: "same-origin" }).catch(() => null);
    return answer?.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
  }

  /* --- the one line that is read out ----------------------------------------------------- */
  waitFor(words, busy = this.busy) {
    this.scroller.setAttribute("aria-live", busy ? "off" : "polite");
    this.scroller.setAttribute("aria-busy", String(busy));
    this.say(words);
    this.dispatchEvent(new CustomEvent("coach:busy", { bubbles: true, detail: { busy } }));
  }

  say(words) {
    if (this.line.textContent !== words) this.line.textContent = words;
    clearTimeout(this.fade);
    if (!this.busy) this.fade = setTimeout(() => { this.line.textContent = ""; }, 5000);
  }

  state(state) { document.dispatchEvent(new CustomEvent("coach:state", { detail: { state } })); }

  /* --- scrolling: never taken from the reader ---------------------------------------------- */
  watch() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    this.following = scrollHeight - scrollTop - clientHeight < NEAR;
    if (this.following) this.pill.hidden = true;
  }

  toEnd(asked = false) {
    /* Who has moved up is left alone, also when the scroll event has not come yet. */
    const end = this.scroller.scrollHeight - this.scroller.clientHeight;
    if (!asked && this.scroller.scrollTop < Math.min(this.endedAt ?? 0, end) - NEAR) {
      this.following = false;
      this.pill.hidden = false;
      return;
    }
    this.endedAt = asked ? 0 : end; // a smooth way down is not a move up
    this.scroller.scrollTo({ top: this.scroller.scrollHeight, behavior: asked ? "auto" : "instant" });
    this.following = true;
    this.pill.hidden = true;
    if (asked) this.scroller.focus({ preventScroll: true });
  }

  /* --- what one can do with a message ------------------------------------------------------- */
  stop() {
    if (!this.run) return;
    if (!socket.say({ type: "stop", run: this.run })) post(`/api/v1/coach/runs/${this.run}/stop`, {}).catch(() => toast("No connection: the stop will be sent when it is back.", { error: true }));
    this.say("Stopping");
  }

  async click(event) {
    const button = event.target.closest("[data-copy], [data-edit] > summary, button[data-edit], [data-earlier]");
    if (!button) return;
    if (button.matches("[data-earlier]")) {
      event.preventDefault();
      return this.earlier(button);
    }
    const message = button.closest("[data-message]");
    if (button.matches("summary, [data-edit]")) {
      event.preventDefault();
      const text = message.querySelector("[data-edit] textarea")?.value ?? message.querySelector("[data-text]").innerText;
      return this.querySelector("coach-composer").beginEdit(message.dataset.message, text);
    }
    const text = message.querySelector("[data-text]").innerText.trim();
    try {
      await navigator.clipboard.writeText(text);
      toast("Copied.");
    } catch {
      toast("Copying is not allowed here.", { error: true });
    }
  }

  async submit(event) {
    const form = event.target;
    const act = form.dataset.act;
    if (!act) return;
    event.preventDefault();
    if (act === "regenerate" && socket.open) {
      this.acting = socket.deliver({ type: "regenerate", message: form.dataset.for });
      const old = this.byId(form.dataset.for);
      this.cutAfter(old);
      old.remove();
      return this.waitFor("Coach is thinking");
    }
    const data = new FormData(form, event.submitter);
    if (act === "feedback") {
      const pressed = event.submitter.getAttribute("aria-pressed") === "true";
      if (pressed) data.set("rating", "0");
      form.querySelectorAll("button").forEach((button) => button.setAttribute("aria-pressed", String(button === event.submitter && !pressed)));
    }
    const answer = await post(form.action, data, { Accept: "application/json" }).catch(() => null);
    if (!answer?.ok) {
      const words = answer && answer.status < 500 ? (await answer.text()).slice(0, 200) : "";
      return toast(words.startsWith("<") || !words ? "That did not work. Please try again." : words, { error: true });
    }
    if (act === "opinion") form.closest("details").open = false;
    if (act === "feedback" || act === "opinion") return toast("Thank you. The coach will take note.");
    await this.reload();
    if (act === "undo") { toast("Undone."); document.body.dispatchEvent(new CustomEvent("habit:changed", { bubbles: true })); }
  }

  /* Older messages come in above; what one was reading stays where it is. */
  async earlier(link) {
    const thread = await this.fetchThread(link.href);
    if (!thread) return toast("The earlier messages could not be loaded.", { error: true });
    const below = this.scroller.scrollHeight - this.scroller.scrollTop;
    this.following = false;
    const first = this.thread.querySelector(".msg");
    link.replaceWith(...[...thread.children].filter((node) => node.matches(".msg, [data-earlier]")));
    this.scroller.scrollTop = this.scroller.scrollHeight - below;
    first?.setAttribute("tabindex", "-1");
    first?.focus({ preventScroll: true });
  }

  async fetchThread(url) {
    const stream = (await this.fetchPage(url))?.querySelector("coach-stream");
    const thread = stream?.querySelector("[data-thread]");
    if (thread) thread.dataset.run = stream.dataset.run || "";
    return thread;
  }

  /* The thread as the server has it now, with its running answer if there is one. */
  async reload() {
    const fresh = await this.fetchThread(`${this.dataset.coach}${this.conversation}/`);
    if (!fresh) return;
    this.thread.replaceChildren(...fresh.childNodes);
    window.htmx?.process(this.thread);
    this.run = null;
    this.dataset.run = fresh.dataset.run;
    if (this.dataset.run) this.follow(this.dataset.run); else this.waitFor("", false);
    if (this.following) this.toEnd();
  }
}
customElements.define("coach-stream", CoachStream);
