/** The switch between the system's colours, light and dark; the console reads the same key. */

const KEY = "theme";

function read() {
  try {
    return localStorage.getItem(KEY) ?? "auto";
  } catch {
    return "auto";
  }
}

function choose(theme) {
  document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // Storage is blocked: the choice lasts as long as the page.
  }
}

/** Show what is chosen, and follow the person and the other tabs. */
export function startTheme() {
  const inputs = [...document.querySelectorAll("[data-theme-switch] input")];
  const show = () => inputs.forEach((input) => (input.checked = input.value === read()));
  inputs.forEach((input) => input.addEventListener("change", () => choose(input.value)));
  addEventListener("storage", (event) => {
    if (event.key !== KEY) return;
    document.documentElement.dataset.theme = read();
    show();
  });
  show();
}
