/* <net-status>: one line while there is no connection, with what is waiting to be sent. */
import { flush, waiting } from "./outbox.js";
import { store } from "./wire.js";

customElements.define("net-status", class extends HTMLElement {
  connectedCallback() {
    const show = () => this.show();
    addEventListener("online", show);
    addEventListener("offline", show);
    document.addEventListener("habyss:outbox", show);
    setInterval(() => { if (navigator.onLine && waiting().length) flush(); }, 20000);
    show();
  }

  show() {
    const count = waiting().length + store.get("unsent", []).length;
    this.hidden = navigator.onLine;
    this.textContent = navigator.onLine ? "" : count
      ? `You are offline. ${count === 1 ? "One change is" : `${count} changes are`} kept and will be sent.`
      : "You are offline. What you do is kept and sent later.";
  }
});
