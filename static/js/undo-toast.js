/* <undo-toast>: a line that stays ten seconds, with one action.

   From the server, and usable without script:
     <undo-toast class="toast"><span>Ticked “Walk”.</span><form method="post" action="…">…<button class="btn">Undo</button></form></undo-toast>
   From script: toast("Ticked “Walk”.", {action: "Undo", run: () => …}).
   The clock rests while the pointer or the focus is on it. */
import { make, post } from "./wire.js";

const SECONDS = 10;

class UndoToast extends HTMLElement {
  connectedCallback() {
    this.left = Number(this.dataset.seconds || SECONDS);
    this.clock = setInterval(() => {
      if (this.matches(":hover, :focus-within")) return;
      this.left -= 1;
      if (this.left <= 0) this.remove();
    }, 1000);
    this.addEventListener("submit", async (event) => {
      event.preventDefault();
      const form = event.target;
      form.querySelector("button").disabled = true;
      const answer = await post(form.action, new FormData(form, event.submitter)).catch(() => null);
      this.remove();
      if (!answer?.ok) return toast("That could not be undone. Please try again.", { error: true });
      await redraw();
      toast("Undone.");
    });
  }

  disconnectedCallback() { clearInterval(this.clock); }
}
customElements.define("undo-toast", UndoToast);

/* Shows the page as it is after the undoing; a conversation keeps itself up to date. */
async function redraw() {
  const main = document.getElementById("main");
  if (!main || main.querySelector("coach-stream")) return;
  const answer = await fetch(location.href).catch(() => null);
  if (!answer?.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("main");
  if (!fresh) return;
  main.replaceWith(fresh);
  window.htmx?.process(fresh);
}

/* Shows `text`; inside an open dialog when there is one, for the page below it cannot be reached then. */
export function toast(text, { action = "", run = null, error = false, seconds = SECONDS } = {}) {
  const dialog = document.querySelector("dialog:modal");
  let host = dialog ? dialog.querySelector(".toasts") : document.getElementById("toasts");
  if (!host) {
    host = make("div", { class: "toasts", role: "status" });
    (dialog || document.body).append(host);
  }
  while (host.children.length > 2) host.firstElementChild.remove();
  const line = make("undo-toast", { class: error ? "toast toast--error" : "toast", "data-seconds": action ? seconds : 5 }, make("span", {}, text));
  if (action) {
    const button = make("button", { class: "btn", type: "button" }, action);
    button.addEventListener("click", () => { line.remove(); run(); });
    line.append(button);
  }
  host.append(line);
  return line;
}

/* Messages of the server leave by themselves too, errors after a longer look. */
for (const line of document.querySelectorAll("[data-toast]")) {
  const close = make("button", { class: "btn", type: "button", "aria-label": "Close this message" }, "✕");
  close.addEventListener("click", () => line.remove());
  line.append(close);
  if (!line.matches(".toast--error")) setTimeout(() => line.matches(":hover, :focus-within") || line.remove(), 7000);
}
