/** The balance at the sidebar's foot; the server writes the numbers, so that they never differ between two places. */

import { text } from "./strings.js";

/** Follow the balance: `ready` brings it too, for it may have changed between the page and its socket. */
export function startBalance(socket) {
  const line = document.getElementById("balance");
  const show = ({ text: available, held, held_text: heldText }) => {
    line.textContent = text(held && heldText ? "balance-held" : "balance", { available, held: heldText });
  };
  socket.on("balance", show);
  socket.on("ready", (frame) => show(frame.balance));
}
