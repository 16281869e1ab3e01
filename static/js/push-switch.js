/* <push-switch>: notifications of this browser, on and off.

   data-key is the site's public key; data-known the SHA-256 of the endpoints that the server knows; data-agreed is there when
   the person agreed to notifications; data-on and data-off are the addresses that take a subscription and give it back. With
   data-offer it is an offer: seen only while this browser could notify and does not. The browser is asked on a click only. */
import { post } from "./wire.js";

const can = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
const WORDS = {
  on: "This device gets notifications.",
  off: "This device gets no notifications.",
  blocked: "This browser blocks notifications from Habyss. You can change that in its settings for this site.",
  missing: "This browser cannot show notifications. On an iPhone or iPad, add Habyss to the home screen first.",
  failed: "That did not work. Please try again in a moment.",
};

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const same = (buffer, key) => buffer && bytes(key).every((byte, at) => new Uint8Array(buffer)[at] === byte);
const digest = async (text) => Array.from(
  new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))),
  (byte) => byte.toString(16).padStart(2, "0"),
).join("");

customElements.define("push-switch", class extends HTMLElement {
  async connectedCallback() {
    this.words = this.querySelector("[data-words]");
    this.addEventListener("click", ({ target }) => {
      const button = target.closest("[data-turn]");
      if (button) this.turn(button);
    });
    if (!can) { this.show("missing"); return; }
    this.show(Notification.permission === "denied" ? "blocked" : await this.isOn() ? "on" : "off");
  }

  get offer() { return "offer" in this.dataset; }

  /* What this browser is subscribed to under the site's present key. */
  async subscription() {
    const registration = await navigator.serviceWorker.getRegistration("/");
    const kept = await registration?.pushManager.getSubscription();
    return kept && same(kept.options.applicationServerKey, this.dataset.key) ? kept : null;
  }

  async isOn() {
    const kept = "agreed" in this.dataset && await this.subscription();
    return kept && this.dataset.known.split(" ").includes(await digest(kept.endpoint));
  }

  async turn(button) {
    button.disabled = true;
    try {
      this.show(await (button.dataset.turn === "on" ? this.on() : this.off()));
    } catch {
      this.show("failed");
    } finally {
      button.disabled = false;
    }
  }

  async on() {
    const permission = await Notification.requestPermission();
    if (permission !== "granted") return permission === "denied" ? "blocked" : "off";
    const { pushManager } = await navigator.serviceWorker.ready;
    const old = await pushManager.getSubscription();
    if (old && !same(old.options.applicationServerKey, this.dataset.key)) await old.unsubscribe();
    const kept = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(this.dataset.key) });
    return (await post(this.dataset.on, kept.toJSON())).ok ? "on" : "failed";
  }

  async off() {
    const kept = await this.subscription();
    if (kept) {
      if (!(await post(this.dataset.off, { endpoint: kept.endpoint })).ok) return "failed";
      await kept.unsubscribe();
    }
    return "off";
  }

  show(state) {
    this.dataset.state = state;
    if (this.offer && this.hidden) this.hidden = state !== "off"; // what one is already looking at stays
    const later = this.querySelector("[data-later]");
    if (later) later.hidden = state === "on" || state === "blocked";
    if (!this.offer || state !== "off") this.words.textContent = WORDS[state];
    for (const button of this.querySelectorAll("[data-turn]")) {
      const turn = button.dataset.turn;
      button.hidden = state === "failed" ? button.hidden : turn !== { on: "off", off: "on" }[state];
    }
  }
});
