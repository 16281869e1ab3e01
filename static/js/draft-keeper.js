/* <draft-keeper data-draft="journal">: keeps what is being written in its form until it is saved.

   A draft goes by the id that its form is sent with: sent once more after the line was lost, it is the same entry.
   It is let go when the page shows an entry of that id. */
import { store } from "./wire.js";

class DraftKeeper extends HTMLElement {
  connectedCallback() {
    this.input = this.querySelector("textarea");
    this.id_ = this.querySelector("[name=client_id]");
    this.note = this.querySelector("[data-draft-note]");
    const draft = store.get(this.key);
    const isSaved = draft && [...document.querySelectorAll("[data-client-id]")].some((entry) => entry.dataset.clientId === draft.id);
    if (isSaved) store.set(this.key, null);
    else if (draft && !this.input.value) {
      this.input.value = draft.text;
      this.id_.value = draft.id;
      this.say("Your draft is back.");
    }
    if (this.input.value && this.input.value !== draft?.text) this.keep(); // typed before this ran, or sent back by the server
    this.input.addEventListener("input", () => this.keep());
  }

  get key() { return `draft:${this.dataset.draft}`; }

  keep() {
    const text = this.input.value;
    store.set(this.key, text.trim() ? { text, id: this.id_.value } : null);
    this.say("");
  }

  say(words) { if (this.note) this.note.textContent = words; }
}
customElements.define("draft-keeper", DraftKeeper);
