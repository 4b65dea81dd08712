/** Every page that is not the chat: its colours, and no drafts left behind by signing out. */

import { startTheme } from "./theme.js";

startTheme();

document.querySelector("form[data-sign-out]")?.addEventListener("submit", () => sessionStorage.clear());
document.querySelector("[data-focus-first-error] :is([aria-invalid], [data-first-error])")?.focus();
