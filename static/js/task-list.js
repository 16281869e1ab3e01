/* The list of tasks beyond what CSS and htmx do by themselves: the dialog that htmx fills is opened, the focus stays where
   the work is when rows come and go, and the selected are counted. Without script all of it are forms and pages. */
const list = () => document.getElementById("tasks");
const nameOf = (row) => row?.querySelector(".habit-row__name");
let near = [];

/* The rows from here on, and those before: where the focus goes when the list is drawn anew. */
const neighbours = (row) => {
  const rows = [...list().querySelectorAll("[data-habit]")], at = rows.indexOf(row);
  return at < 0 ? [] : [...rows.slice(at), ...rows.slice(0, at).reverse()].map((each) => each.dataset.habit);
};

document.body.addEventListener("htmx:beforeRequest", ({ target }) => {
  const row = target.closest?.("[data-habit]");
  if (row && list()) near = neighbours(row);
});

document.body.addEventListener("htmx:afterSwap", ({ detail }) => {
  const { target } = detail;
  if (target.id !== "task-sheet") return;
  document.querySelectorAll("details.menu[open]").forEach((menu) => { menu.open = false; });
  if (!target.open) target.showModal();
  (target.querySelector("[role=alert]") ? target.querySelector("input:not([type=hidden])") : target.querySelector("h2"))?.focus();
});

document.body.addEventListener("htmx:afterSettle", ({ detail }) => {
  if (detail.target.id !== "tasks" && detail.elt?.id !== "tasks") return;
  if (document.activeElement !== document.body) return;
  const row = near.map((id) => list().querySelector(`[data-habit="${id}"]`)).find(Boolean);
  (nameOf(row) ?? list()).focus({ preventScroll: true });
});

/* A dialog that is closed gives the focus back to the row it was about. */
document.addEventListener("close", ({ target }) => {
  if (target.id !== "task-sheet") return;
  nameOf(list().querySelector(`[data-habit="${near[0]}"]`))?.focus({ preventScroll: true });
  target.replaceChildren();
}, true);

document.addEventListener("click", ({ target }) => {
  if (target.id === "task-sheet") target.close(); // the backdrop
  if (!target.matches?.("[data-pick-all]")) return;
  list().querySelectorAll("[name=task]").forEach((box) => { box.checked = true; });
  count();
});

const count = () => {
  const picked = list().querySelectorAll("[name=task]:checked").length;
  const words = list().querySelector("[data-picked]");
  if (words) words.textContent = picked === 1 ? "1 task selected" : `${picked} tasks selected`;
};

document.addEventListener("change", ({ target }) => {
  if (target.id === "select-tasks" && !target.checked) list().querySelectorAll("[name=task]:checked").forEach((box) => { box.checked = false; });
  if (target.id === "select-tasks" || target.name === "task") count();
});
