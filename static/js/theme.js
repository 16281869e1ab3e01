/* Runs before the first paint: the chosen theme, and the mark that script is there. */
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  try {
    const theme = localStorage.getItem("habyss:theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  } catch { /* storage may be closed to us; the system's theme stands */ }
})();
