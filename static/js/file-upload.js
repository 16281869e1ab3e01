/* <file-upload>: a form whose file is sent in pieces, one after another, with its progress shown.

     <file-upload data-api="/api/…/imports/" data-page="/…/import/" data-piece="4194304" [data-open="id" data-name="…" data-size="…"]>
       <form>… <input type="file"> <progress hidden></progress> <p data-progress> <p data-trouble> <button data-stop hidden> …</form>
     </file-upload>
   A lost piece is sent again, later and later; after a reload the same file goes on where it was. Without script the
   form sends itself. */
import { post, store, token } from "./wire.js";

const MEGABYTE = 1024 * 1024;
const FIRST_WAIT = 1000;
const LONGEST_WAIT = 30_000;
const SILENCE = 60_000; // a line on which nothing moves for so long is lost
const KEPT = "upload";

/* The server's no: trying again would not help. */
class Refused extends Error {
  constructor(status, problem) {
    super(Object.values(problem.errors ?? {}).flat()[0] || problem.detail || "That could not be sent. Please try again.");
    this.status = status;
    this.problem = problem;
  }
}
/* No answer, or none for now. */
class Lost extends Error {}

const judge = (status, text) => {
  let body = {};
  try { body = JSON.parse(text); } catch { /* not from the application */ }
  if (status >= 200 && status < 300) return body;
  if (status === 0 || status === 408 || status === 429 || status >= 500) throw new Lost();
  throw new Refused(status, body);
};

class FileUpload extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.at = (name) => this.form.querySelector(`[data-${name}]`);
    this.bar = this.form.querySelector("progress");
    this.file = this.form.querySelector("input[type=file]");
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!this.sending && this.file.files[0]) this.begin(this.file.files[0]);
    });
    this.at("stop").addEventListener("click", () => this.stop());
    this.at("limit").textContent = this.dataset.limit;
  }

  async begin(file) {
    this.sending = new AbortController();
    this.busy(true);
    try {
      const row = await this.opened(file);
      if (row) location.assign(`${this.dataset.page}${await this.send(file, row)}/`);
    } catch (error) {
      if (this.sending.signal.aborted) return;
      if (error.status === 404) store.set(KEPT, null);
      this.trouble(error instanceof Refused ? error.message : "That could not be sent. Please try again.");
      if (!(error instanceof Refused)) throw error;
    }
  }

  /* The import the file belongs to: the one that was begun with it, or a new one. */
  async opened(file) {
    const mark = { name: file.name, size: file.size, changed: file.lastModified };
    const kept = store.get(KEPT);
    const isSame = kept && Object.entries(mark).every(([key, value]) => kept[key] === value);
    if (isSame) {
      try {
        const row = await this.patiently(() => this.ask(kept.id));
        if (row.status !== "failed") return row;
      } catch (error) {
        if (error.status !== 404) throw error;
      }
    }
    if (this.dataset.open && !(isSame && kept.id === this.dataset.open)) {
      this.trouble(`This is not the file that is on its way. Choose ${this.dataset.name} as it was, or forget that one first.`);
      return null;
    }
    // The same key for every try: an answer that was lost opened no second import.
    const key = `${file.size}-${file.lastModified}-${Date.now()}`;
    const row = await this.patiently(async () => {
      const answer = await post(this.dataset.api, { filename: file.name.slice(-200), size: file.size }, { "Idempotency-Key": key })
        .catch(() => { throw new Lost(); });
      return judge(answer.status, await answer.text());
    });
    store.set(KEPT, { ...mark, id: row.id });
    return row;
  }

  /* Sends what is missing; returns the id once all of it is there. */
  async send(file, row) {
    const most = Number(this.dataset.piece);
    this.id = row.id;
    let { offset, status } = row;
    while (status === "receiving") {
      this.show(offset, file.size);
      let answer;
      try {
        answer = await this.patiently(async (tries) => {
          if (tries) {
            const now = await this.ask(row.id);
            if (now.offset !== offset || now.status !== "receiving") return now;
            await file.slice(offset, offset + 1).arrayBuffer().catch(() => { throw new Refused(0, { detail: "This file was changed or moved. Choose it again." }); });
          }
          return this.put(file, row.id, offset, most);
        });
      } catch (error) {
        if (error.status !== 409 || !(error.problem?.offset >= 0)) throw error;
        answer = { offset: error.problem.offset, status };
      }
      ({ offset, status } = answer);
    }
    store.set(KEPT, null);
    this.show(file.size, file.size);
    return row.id;
  }

  async ask(id) {
    const answer = await fetch(`${this.dataset.api}${id}/`, { credentials: "same-origin", signal: this.sending.signal })
      .catch(() => { throw new Lost(); });
    return judge(answer.status, await answer.text());
  }

  put(file, id, offset, most) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      const { signal } = this.sending;
      let silence;
      const listen = () => { clearTimeout(silence); silence = setTimeout(() => request.abort(), SILENCE); };
      const abort = () => request.abort();
      request.upload.addEventListener("progress", ({ loaded }) => { listen(); this.show(offset + loaded, file.size); });
      request.addEventListener("loadend", () => {
        clearTimeout(silence);
        signal.removeEventListener("abort", abort);
        try { resolve(judge(request.status, request.responseText)); } catch (error) { reject(error); }
      });
      signal.addEventListener("abort", abort);
      request.open("PUT", `${this.dataset.api}${id}/content/?offset=${offset}`);
      request.setRequestHeader("X-CSRFToken", token());
      request.setRequestHeader("Content-Type", "application/octet-stream");
      request.send(file.slice(offset, offset + most));
      listen();
    });
  }

  /* Tries until there is an answer, waiting longer each time, or until the line is back. */
  async patiently(act) {
    for (let tries = 0; ; tries += 1) {
      try {
        return await act(tries);
      } catch (error) {
        if (!(error instanceof Lost) || this.sending.signal.aborted) throw error;
      }
      this.say("The line is gone. I go on by myself as soon as it is back.");
      await this.pause(Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** tries));
      if (this.sending.signal.aborted) throw new Lost();
    }
  }

  pause(ms) {
    return new Promise((resolve) => {
      const end = () => { clearTimeout(timer); removeEventListener("online", end); this.sending.signal.removeEventListener("abort", end); resolve(); };
      const timer = setTimeout(end, ms);
      addEventListener("online", end);
      this.sending.signal.addEventListener("abort", end);
    });
  }

  async stop() {
    this.sending.abort();
    store.set(KEPT, null);
    if (this.id) {
      await fetch(`${this.dataset.api}${this.id}/`, { method: "DELETE", headers: { "X-CSRFToken": token() }, credentials: "same-origin" }).catch(() => {});
    }
    location.assign(this.dataset.page);
  }

  show(done, all) {
    this.bar.max = all || 1;
    this.bar.value = done;
    const sent = Math.floor(done / MEGABYTE).toLocaleString("en");
    const whole = Math.max(1, Math.round(all / MEGABYTE)).toLocaleString("en");
    this.say(done < all ? `Sending: ${sent} of ${whole} MB. Please keep this page open; if it closes, choose the same file again and I go on from there.` : "All of it is here. One moment…");
  }

  say(words) {
    const place = this.at("progress");
    if (place.textContent !== words) place.textContent = words;
  }

  trouble(words) {
    this.busy(false);
    this.say("");
    this.at("trouble").textContent = words;
    this.at("trouble").hidden = false;
  }

  busy(is) {
    this.bar.hidden = !is;
    this.file.disabled = is;
    this.form.querySelector("button:not([data-stop])").hidden = is;
    this.at("stop").hidden = !is;
    document.getElementById("import-open")?.toggleAttribute("hidden", is);
    if (is) { this.at("trouble").hidden = true; this.say("One moment…"); }
    else this.sending = null;
  }
}
customElements.define("file-upload", FileUpload);
