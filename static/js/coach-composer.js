/* <coach-composer>: where one writes. Enter sends (not while an input method composes), Shift+Enter breaks the line,
   arrow-up in an empty field edits the last message. A draft is kept per conversation until it is sent. */
import { toast } from "./undo-toast.js";
import { icon, make, newId, store, token } from "./wire.js";

const COUNT_FROM = 200;
const MAX_BYTES = 10 * 1024 * 1024;
const Speech = window.SpeechRecognition || window.webkitSpeechRecognition;
const size = (bytes) => bytes < 1024 * 1024 ? `${Math.max(1, Math.round(bytes / 1024))} kB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;

class CoachComposer extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("[data-form]");
    this.input = this.querySelector("[data-input]");
    this.stream = this.closest("coach-stream");
    this.files = [];
    this.ears = new AbortController();
    this.input.required = false;
    if (!this.input.value) this.input.value = store.get(this.draftKey, "");
    this.input.addEventListener("input", () => { this.keepDraft(); this.resize(); });
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("paste", (event) => { if (event.clipboardData.files.length) { event.preventDefault(); this.attach(event.clipboardData.files); } });
    this.form.addEventListener("submit", (event) => { event.preventDefault(); this.submit(); });
    this.querySelector("[data-pick]").addEventListener("change", ({ target }) => { this.attach(target.files); target.value = ""; });
    const stop = this.querySelector("[data-stop]");
    stop.type = "button";
    stop.addEventListener("click", () => { this.stream.stop(); this.input.focus(); });
    this.querySelector("[data-cancel-edit]").addEventListener("click", () => this.endEdit());
    const chips = this.querySelector("[data-chips]");
    chips.addEventListener("click", (event) => {
      const chip = event.target.closest("[data-chip]");
      if (!chip) return;
      event.preventDefault();
      if (this.stream.busy) return;
      this.showChips([]);
      this.stream.send(chip.value);
      this.input.focus();
    });
    this.stream.addEventListener("coach:suggest", ({ detail }) => this.showChips(detail.suggestions), { signal: this.ears.signal });
    this.stream.addEventListener("coach:busy", ({ detail }) => this.busy(detail.busy), { signal: this.ears.signal });
    this.stream.addEventListener("coach:conversation", ({ detail }) => this.named(detail.conversation), { signal: this.ears.signal });
    if (Speech) this.listen();
    this.busy(this.stream.busy);
    this.resize();
  }

  disconnectedCallback() { this.ears.abort(); this.speech?.abort(); }

  get draftKey() { return `draft:${this.dataset.draft}`; }

  keepDraft() { if (!this.editing) store.set(this.draftKey, this.input.value); }

  /* A new conversation has got its id: what is typed from now on is a draft of that one. */
  named(conversation) {
    store.set(this.draftKey, null);
    this.dataset.draft = conversation;
    this.keepDraft();
  }

  resize() {
    if (!CSS.supports("field-sizing", "content")) {
      this.input.style.height = "auto";
      this.input.style.height = `${this.input.scrollHeight}px`;
    }
    const length = this.input.value.length;
    const count = this.querySelector("[data-count]");
    count.hidden = length <= COUNT_FROM;
    count.textContent = `${length} / ${this.input.maxLength}`;
    const mic = this.querySelector("[data-mic]");
    const send = this.querySelector("[data-send]");
    const isEmpty = !this.input.value.trim() && !this.files.length;
    const isBusy = !this.querySelector("[data-stop]").hidden;
    mic.hidden = !Speech || isBusy || (!isEmpty && !this.hearing);
    send.hidden = isBusy || (!mic.hidden && isEmpty);
  }

  key(event) {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.submit();
    } else if (event.key === "ArrowUp" && !this.input.value && !this.editing) {
      const last = [...this.stream.querySelectorAll('.msg[data-role="user"][data-message]')].at(-1);
      if (!last) return;
      event.preventDefault();
      this.beginEdit(last.dataset.message, last.querySelector("[data-edit] textarea")?.value ?? last.querySelector("[data-text]").innerText);
    } else if (event.key === "Escape" && this.editing) {
      event.preventDefault();
      event.stopPropagation();
      this.endEdit();
    }
  }

  submit() {
    const text = this.input.value.trim();
    const ready = this.files.filter((file) => file.id);
    if (!text && !ready.length) return this.input.focus();
    if (this.stream.busy) return this.stream.say("Coach is still replying. Your text is kept.");
    if (this.files.some((file) => file.sending)) return this.stream.say("A file is still being sent.");
    this.speech?.stop();
    if (this.editing) {
      this.stream.edit(this.editing, text);
      return this.endEdit();
    }
    this.stream.send(text, ready);
    this.showChips([]);
    this.files = [];
    this.showFiles();
    this.input.value = "";
    this.keepDraft();
    this.resize();
    this.input.focus();
  }

  beginEdit(message, text) {
    this.editing = message;
    this.querySelector("[data-editing]").hidden = false;
    this.input.value = text;
    this.resize();
    this.input.focus();
    this.input.setSelectionRange(text.length, text.length);
  }

  endEdit() {
    this.editing = null;
    this.querySelector("[data-editing]").hidden = true;
    this.input.value = store.get(this.draftKey, "");
    this.resize();
    this.input.focus();
  }

  /* What fits now: the suggestions of the last thing the coach did. */
  showChips(texts) {
    const list = this.querySelector("[data-chips]");
    list.hidden = !texts.length;
    list.replaceChildren(...texts.map((text) => make("li", {}, make("button", { class: "chip", type: "button", value: text, "data-chip": "" }, text))));
  }

  busy(isBusy) {
    const stop = this.querySelector("[data-stop]");
    const hadFocus = document.activeElement === stop;
    stop.hidden = !isBusy;
    this.resize();
    if (hadFocus && !isBusy) this.input.focus();
  }

  /* --- files: sent at once, so that a message never waits for them ---------------------- */
  attach(list) {
    for (const source of list) {
      if (source.size > MAX_BYTES) { toast(`${source.name} is larger than ${size(MAX_BYTES)}.`, { error: true }); continue; }
      const file = { key: newId(), name: source.name, size: source.size, sending: true, share: 0 };
      this.files.push(file);
      const request = file.request = new XMLHttpRequest();
      request.open("POST", "/api/v1/coach/attachments/");
      request.setRequestHeader("X-CSRFToken", token());
      request.setRequestHeader("Accept", "application/json");
      request.setRequestHeader("Idempotency-Key", file.key);
      request.upload.onprogress = ({ loaded, total }) => { file.share = loaded / total; if (file.bar) file.bar.value = file.share; };
      request.onloadend = () => {
        file.sending = false;
        if (request.status >= 200 && request.status < 300) {
          file.id = JSON.parse(request.responseText).id;
        } else if (this.files.includes(file)) {
          let words = "could not be sent.";
          try { words = JSON.parse(request.responseText).detail || words; } catch { /* no words from the server */ }
          toast(`${file.name}: ${words}`, { error: true });
          this.files = this.files.filter((other) => other !== file);
        }
        this.showFiles();
      };
      const body = new FormData();
      body.append("file", source);
      request.send(body);
    }
    this.showFiles();
    this.input.focus();
  }

  showFiles() {
    const list = this.querySelector("[data-files]");
    list.hidden = !this.files.length;
    list.replaceChildren(...this.files.map((file) => {
      const away = make("button", { class: "btn btn--quiet btn--icon", type: "button", "aria-label": `Remove ${file.name}` }, icon("close"));
      away.addEventListener("click", () => {
        file.request.abort();
        this.files = this.files.filter((other) => other !== file);
        this.showFiles();
        this.input.focus();
      });
      const words = make("span", {}, make("span", { class: "truncate" }, file.name), make("small", { class: "muted" }, size(file.size)));
      if (file.sending) words.append(file.bar = make("progress", { class: "progress", max: 1, value: file.share, "aria-label": `Sending ${file.name}` }));
      return make("li", { class: "file" }, words, away);
    }));
    this.resize();
  }

  /* --- speech: asked for once, and what was heard stays editable before it is sent --------- */
  listen() {
    const button = this.querySelector("[data-mic]");
    button.addEventListener("click", async () => {
      if (this.hearing) return this.speech.stop();
      if (!store.get("speech") && !(await this.agree())) return this.input.focus();
      store.set("speech", true);
      const speech = this.speech = new Speech();
      const before = this.input.value ? `${this.input.value.trimEnd()} ` : "";
      speech.lang = navigator.language;
      speech.interimResults = true;
      speech.onresult = ({ results }) => {
        this.input.value = before + Array.from(results, (result) => result[0].transcript).join("");
        this.keepDraft();
        this.resize();
      };
      speech.onerror = ({ error }) => error === "aborted" || toast(error === "not-allowed" ? "The microphone is blocked in this browser." : "Nothing was heard. Please try again.", { error: true });
      speech.onend = () => this.heard(false);
      speech.start();
      this.heard(true);
    });
    this.resize();
  }

  heard(on) {
    this.hearing = on;
    this.querySelector("[data-mic]").setAttribute("aria-pressed", String(on));
    this.stream.say(on ? "Listening. Tap the microphone to stop." : "");
    this.resize();
    if (!on) this.input.focus();
  }

  agree() {
    const dialog = make("dialog", { class: "dialog", "aria-labelledby": "speech-title" });
    const form = make("form", { class: "stack", method: "dialog" },
      make("h2", { id: "speech-title" }, "Use the microphone?"),
      make("p", { class: "muted" }, "Your browser turns speech into text; some browsers send the sound to their maker for that. The coach gets only the text, and you can change it before you send it."),
      make("div", { class: "equal" }, make("button", { class: "btn", value: "" }, "Not now"), make("button", { class: "btn", value: "yes" }, "Allow")));
    dialog.append(form);
    document.body.append(dialog);
    dialog.showModal();
    return new Promise((done) => dialog.addEventListener("close", () => { dialog.remove(); done(dialog.returnValue === "yes"); }));
  }
}
customElements.define("coach-composer", CoachComposer);

/* A phone's keyboard shrinks what is visible, not the page: the composer moves up by the difference. */
const view = window.visualViewport;
if (view) {
  const fit = () => {
    const hidden = Math.max(0, innerHeight - view.height - view.offsetTop);
    const root = document.documentElement;
    root.classList.toggle("kb", innerWidth < 960 && screen.height - view.height > 300 && document.activeElement?.matches("textarea, input") && matchMedia("(pointer: coarse)").matches);
    root.style.setProperty("--kb", `${hidden > 80 ? hidden : 0}px`);
  };
  view.addEventListener("resize", fit);
  view.addEventListener("scroll", fit);
}

/* Small screens: the list of conversations lies over the conversation and leaves with Escape. */
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && location.hash === "#conversations") { history.replaceState(null, "", location.pathname); location.hash = ""; }
});
document.addEventListener("submit", (event) => {
  const words = event.submitter?.dataset.confirm;
  if (words && !confirm(words)) event.preventDefault();
});

