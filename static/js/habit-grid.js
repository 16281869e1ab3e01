/* <habit-grid>: ticks that answer at once, work offline, and can be taken back.

   Markup (components/tick.html makes the form; without script it is an ordinary POST and redirect):
     <habit-grid>
       <li class="habit-row" data-habit="<id>" data-done="false">
         <form method="post" action="…" data-tick>
           {% csrf_token %} <input type="hidden" name="day" value="2026-03-01">
           <button class="tick" name="done" value="1" aria-pressed="false" aria-label="Morning walk" data-name="Morning walk">…</button>
         </form>
         <span class="habit-row__name">Morning walk</span>
       </li>
     </habit-grid>
   Contract with the server: POST sets (never toggles) the day to `done` = "1" or "0" and is idempotent by the header
   Idempotency-Key. 204 keeps what is shown; 200 with text/html replaces the row (its root has the same data-habit) and
   any element of the page whose id equals that of a further root; a status of 400 and above puts the tick back.
   Forms with data-quiet-post in the row (skip, partial) are sent the same way. Afterwards `habit:changed` is fired on the
   document and on body, for tiles with hx-trigger="habit:changed from:body". */
import { forget, keep, waiting } from "./outbox.js";
import { toast } from "./undo-toast.js";
import { buzz, fragment, newId, post } from "./wire.js";

class HabitGrid extends HTMLElement {
  connectedCallback() {
    this.addEventListener("submit", (event) => {
      if (event.target.matches("[data-tick]")) { event.preventDefault(); this.tick(event.target); }
      else if (event.target.matches("[data-quiet-post]")) { event.preventDefault(); this.send(event.target, new FormData(event.target, event.submitter), newId()); }
    });
    /* What waits to be sent is shown as done after a reload, too. */
    for (const item of waiting()) {
      const form = [...this.querySelectorAll("[data-tick]")].find((other) => other.action === item.url && other.elements.day?.value === item.body.day);
      if (form) this.show(form, item.body.done === "1", true);
    }
  }

  show(form, done, pending = false) {
    const button = form.querySelector(".tick");
    button.setAttribute("aria-pressed", String(done));
    button.value = done ? "0" : "1";
    delete button.dataset.state;
    const row = form.closest("[data-habit]");
    if (row) { row.dataset.done = String(done); row.dataset.pending = String(pending); }
  }

  tick(form, wanted = form.querySelector(".tick").getAttribute("aria-pressed") !== "true", quiet = false) {
    const body = new FormData(form);
    body.set("done", wanted ? "1" : "0");
    buzz();
    this.show(form, wanted, true);
    const name = form.querySelector(".tick").dataset.name || "Habit";
    const undo = () => this.tick(this.fresh(form), !wanted, true);
    if (!quiet) toast(wanted ? `${name}: done.` : `${name}: not done.`, { action: "Undo", run: undo });
    this.send(form, body, newId(), () => this.show(this.fresh(form), !wanted));
  }

  /* The form that stands for the same habit and day now: the row may have been replaced meanwhile. */
  fresh(form) {
    if (form.isConnected) return form;
    return [...this.querySelectorAll("[data-tick]")].find((other) => other.action === form.action && other.elements.day?.value === form.elements.day?.value) || form;
  }

  async send(form, body, key, revert = () => {}) {
    const fields = Object.fromEntries([...body].filter(([name]) => name !== "csrfmiddlewaretoken"));
    const row = form.closest("[data-habit]");
    /* Requests about one habit go out one after the other, so that the last click is the last word. */
    const turn = (this.turns ??= new Map()).get(form.action) ?? Promise.resolve();
    (this.latest ??= new Map()).set(form.action, key);
    /* Written down before it is sent: leaving the page or losing the line in between loses nothing. */
    for (const old of waiting()) if (old.url === form.action && old.body.day === fields.day && "done" in old.body && "done" in fields) forget(old.key);
    keep({ key, url: form.action, body: fields });
    const mine = turn.then(async () => {
      let answer;
      try {
        answer = await post(form.action, new URLSearchParams(fields), { "Idempotency-Key": key, Accept: "text/html", "HX-Request": "true" });
      } catch {
        return;
      }
      forget(key);
      /* A row is not replaced under a finger: the press would be lost, and with it the last word. */
      while (row?.matches(":active")) await new Promise((go) => setTimeout(go, 30));
      if (this.latest.get(form.action) !== key) return;
      if (row) row.dataset.pending = "false";
      if (!answer.ok) {
        revert();
        return toast("That could not be saved. Please try again.", { error: true });
      }
      if (answer.status === 200 && answer.headers.get("Content-Type")?.startsWith("text/html") && !answer.redirected) this.place(row, await answer.text());
      document.body.dispatchEvent(new CustomEvent("habit:changed", { bubbles: true }));
    });
    this.turns.set(form.action, mine);
  }

  place(row, html) {
    const focused = row?.contains(document.activeElement);
    for (const node of [...fragment(html).children]) {
      const old = node.dataset.habit ? this.querySelector(`[data-habit="${node.dataset.habit}"]`) : node.id && document.getElementById(node.id);
      if (!old) continue;
      old.replaceWith(node);
      window.htmx?.process(node);
      if (focused && node.dataset.habit) node.querySelector(".tick")?.focus({ preventScroll: true });
    }
  }
}
customElements.define("habit-grid", HabitGrid);

document.addEventListener("habyss:sent", ({ detail }) => {
  for (const row of document.querySelectorAll("[data-pending=true]")) row.dataset.pending = "false";
  if (!detail.ok) toast("One change made offline could not be saved.", { error: true });
  document.body.dispatchEvent(new CustomEvent("habit:changed", { bubbles: true }));
});
