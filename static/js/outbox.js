/* What could not be sent waits here, in order, across reloads; each item carries a key, so that the server acts once
   however often it arrives. Only one tab sends at a time. */
import { post, store } from "./wire.js";

const KEY = "outbox";
const changed = () => document.dispatchEvent(new CustomEvent("habyss:outbox"));
export const waiting = () => store.get(KEY, []);

export function keep(item) {
  store.set(KEY, [...waiting().filter((other) => other.key !== item.key), item]);
  changed();
}

export const forget = (key) => {
  store.set(KEY, waiting().filter((item) => item.key !== key));
  changed();
};

async function flushNow() {
  for (const item of waiting()) {
    let answer;
    try {
      answer = await post(item.url, new URLSearchParams(item.body), { "Idempotency-Key": item.key, Accept: "text/html", "HX-Request": "true" });
    } catch { return; }
    if (answer.status >= 500 || answer.status === 429) return;
    forget(item.key);
    document.dispatchEvent(new CustomEvent("habyss:sent", { detail: { item, ok: answer.ok } }));
  }
}

export const flush = () => navigator.locks ? navigator.locks.request("habyss-outbox", flushNow) : flushNow();

addEventListener("online", flush);
if (waiting().length) flush();
