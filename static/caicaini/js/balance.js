/** The balance at the sidebar's foot; the server writes the numbers, so that they never differ between two places. */

import { text } from "./strings.js";

/** Follow the balance. */
export function startBalance(socket) {
  const line = document.getElementById("balance");
  socket.on("balance", ({ text: available, held, held_text: heldText }) => {
    line.textContent = text(held && heldText ? "balance-held" : "balance", { available, held: heldText });
  });
}
