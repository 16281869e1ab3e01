/* One WebSocket for the whole page: connects when somebody listens, comes back with growing pauses, and drops a line
   that no longer answers. Messages not yet acknowledged are kept and sent again under the same client id. */
import { newId, store } from "./wire.js";

const PING = 25000;

class CoachSocket extends EventTarget {
  tries = 0;

  get open() { return this.line?.readyState === WebSocket.OPEN; }

  connect() {
    if (this.line && this.line.readyState < WebSocket.CLOSING) return;
    clearTimeout(this.again);
    const line = this.line = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/coach/`);
    line.onopen = () => {
      this.tries = 0;
      this.pulse();
      this.tell("open");
      for (const item of this.unsent) this.say(item);
    };
    line.onmessage = ({ data }) => {
      this.pulse();
      const message = JSON.parse(data);
      if (message.client_id && (message.type === "ack" || message.type === "error")) this.settle(message.client_id);
      this.tell("message", message);
    };
    line.onclose = ({ code }) => {
      clearTimeout(this.beat);
      if (this.line !== line) return;
      this.line = null;
      this.tell("close", { code });
      if (code === 4401 || code === 4403) return this.tell("signed-out");
      const pause = Math.min(30000, 400 * 2 ** this.tries++) * (0.7 + Math.random() * 0.6);
      this.again = setTimeout(() => this.connect(), pause);
    };
  }

  /* Any word from the server resets the clock; silence after a ping ends the line. */
  pulse() {
    clearTimeout(this.beat);
    this.beat = setTimeout(() => {
      this.say({ type: "ping" });
      this.beat = setTimeout(() => this.drop(), 10000);
    }, PING);
  }

  drop() {
    const line = this.line;
    line?.close();
    line?.onclose({ code: 0 });
  }

  say(message) {
    if (!this.open) return false;
    this.line.send(JSON.stringify(message));
    return true;
  }

  get unsent() { return store.get("unsent", []); }

  /* Sends a message that must not be lost; gives back its client id. */
  deliver(message, client_id = newId()) {
    const item = { ...message, client_id, at: Date.now() };
    store.set("unsent", [...this.unsent.filter((other) => other.client_id !== client_id), item]);
    if (!this.say(item)) this.connect();
    return client_id;
  }

  settle(client_id) { store.set("unsent", this.unsent.filter((item) => item.client_id !== client_id)); }

  tell(type, detail) { this.dispatchEvent(new CustomEvent(type, { detail })); }
}

export const socket = new CoachSocket();
const hurry = () => { if (socket.line === null) { socket.tries = 0; socket.connect(); } };
addEventListener("online", hurry);
addEventListener("offline", () => socket.line && socket.drop());
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && hurry());
addEventListener("pageshow", (event) => event.persisted && socket.connect());
