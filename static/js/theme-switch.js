/* <theme-switch>: Auto, Light or Dark, remembered on this device (theme.js applies it before the first paint). */
import { store } from "./wire.js";

const KEY = "habyss:theme";

customElements.define("theme-switch", class extends HTMLElement {
  connectedCallback() {
    this.hidden = false;
    this.addEventListener("click", (event) => {
      const choice = event.target.closest("[data-theme-choice]")?.dataset.themeChoice;
      if (!choice) return;
      if (choice === "system") delete document.documentElement.dataset.theme;
      else document.documentElement.dataset.theme = choice;
      try { localStorage.setItem(KEY, choice); } catch { /* it then holds for this page only */ }
      document.querySelectorAll("theme-switch").forEach((other) => other.show());
    });
    this.show();
  }

  show() {
    const now = document.documentElement.dataset.theme || "system";
    for (const button of this.querySelectorAll("[data-theme-choice]")) {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === now));
    }
  }
});

/* <assistant-switch>: brings back, or hides, the floating assistant on this device. */
customElements.define("assistant-switch", class extends HTMLElement {
  connectedCallback() {
    const box = this.querySelector("input");
    this.hidden = false;
    box.checked = !store.get("fab-hidden", false);
    box.addEventListener("change", () => {
      store.set("fab-hidden", !box.checked || null);
      for (const fab of document.querySelectorAll("coach-fab")) fab.hidden = !box.checked;
    });
    document.addEventListener("habyss:assistant", ({ detail }) => { box.checked = detail.shown; });
  }
});
