/* How many messages wait unread, on every open page: a number on the floating button, a dot at Today, and a line when
   one more arrives. The page brings the number it was made with; the socket tells what became of it. */
import { socket } from "./coach-socket.js";
import { toast } from "./undo-toast.js";

const nav = document.querySelector("nav[data-unread]");
let waiting = Number(nav.dataset.unread);
let told = false;

function show() {
  const words = waiting === 1 ? "1 unread message" : `${waiting} unread messages`;
  for (const count of document.querySelectorAll("[data-unread-count]")) {
    count.hidden = !waiting;
    count.querySelector("[aria-hidden]").textContent = waiting > 9 ? "9+" : waiting;
    count.querySelector(".visually-hidden").textContent = words;
  }
  for (const dot of document.querySelectorAll("[data-unread-dot]")) {
    dot.hidden = !waiting;
    dot.firstElementChild.textContent = words;
  }
}

socket.addEventListener("message", ({ detail }) => {
  if (detail.type !== "badge") return;
  told = true;
  if (detail.unread === waiting) return;
  const more = detail.unread > waiting;
  waiting = detail.unread;
  show();
  if (more) toast("A new message for you.", { action: "Read", run: () => location.assign(nav.dataset.messages) });
});

/* So many were read on this page, perhaps before the line was open: what the server tells counts more. */
export function wereRead(many) {
  if (!told) waiting = Math.max(0, waiting - many);
  show();
}

show();
socket.connect();
