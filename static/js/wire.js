/* What the elements share: who is signed in, storage that is theirs alone, requests with the token, small words. */
const root = document.documentElement;
export const person = root.dataset.person || "";
export const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
export const buzz = (ms = 8) => { if (!calm()) navigator.vibrate?.(ms); };

export const newId = () => crypto.randomUUID?.()
  ?? Array.from(crypto.getRandomValues(new Uint8Array(16)), (n) => n.toString(16).padStart(2, "0")).join("");

/* Everything is kept under the person's own id: a shared device never shows one's drafts to another. */
const own = (key) => `habyss:${person}:${key}`;
export const store = {
  get(key, otherwise = null) {
    try { return JSON.parse(localStorage.getItem(own(key))) ?? otherwise; } catch { return otherwise; }
  },
  set(key, value) {
    try {
      if (value === null || value === "" || value?.length === 0) localStorage.removeItem(own(key));
      else localStorage.setItem(own(key), JSON.stringify(value));
    } catch { /* full or closed: the page still works, it only forgets */ }
  },
};
try {
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith("habyss:") && key !== "habyss:theme" && person && !key.startsWith(own(""))) localStorage.removeItem(key);
  }
} catch { /* closed storage holds nothing to clear */ }

export const token = () => JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRFToken"] || "";

/* A POST with the token. `body` is FormData, URLSearchParams or, for the API, a plain object. */
export const post = (url, body, headers = {}) => {
  const plain = body && Object.getPrototypeOf(body) === Object.prototype;
  return fetch(url, {
    method: "POST",
    body: plain ? JSON.stringify(body) : body,
    headers: { "X-CSRFToken": token(), ...(plain && { "Content-Type": "application/json" }), ...headers },
    credentials: "same-origin",
    keepalive: body instanceof URLSearchParams, // small changes arrive even when the page is left
  });
};

export const icon = (name, small = true) => {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", small ? "icon icon--s" : "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(svg.namespaceURI, "use");
  use.setAttribute("href", `${root.dataset.sprite}#${name}`);
  svg.append(use);
  return svg;
};

/* make("button", {class: "btn", type: "button"}, "Text" or nodes…) */
export const make = (tag, attributes = {}, ...children) => {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== null) node.setAttribute(name, value);
  node.append(...children);
  return node;
};

/* Markup from our own server, rendered and cleaned there. */
export const fragment = (html) => {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
};
