/** On a phone the sidebar is a sheet: it takes the focus, keeps it, and gives it back. */

const room = document.getElementById("room");
const sidebar = document.getElementById("sidebar");
const main = document.getElementById("main");
const opener = document.getElementById("sidebar-open");
const narrow = matchMedia("(max-width: 799.98px)");

function set(isOpen) {
  room.dataset.sheet = isOpen ? "open" : "closed";
  opener.setAttribute("aria-expanded", String(isOpen));
  main.inert = isOpen;
}

function close() {
  if (room.dataset.sheet !== "open") return;
  set(false);
  opener.focus();
}

/** Bind the buttons, the veil and Escape. */
export function startSheet() {
  opener.addEventListener("click", () => {
    set(true);
    document.getElementById("sidebar-close").focus();
  });
  document.getElementById("sidebar-close").addEventListener("click", close);
  document.getElementById("sidebar-veil").addEventListener("click", close);
  sidebar.addEventListener("keydown", (event) => {
    const isForSheet = !event.target.closest(".rename") && !document.querySelector(".menu:popover-open");
    if (event.key === "Escape" && isForSheet) close();
  });
  narrow.addEventListener("change", () => set(false));
}
