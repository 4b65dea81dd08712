/** Says quietly when the connection is away, and plainly when the person has to act. */

import { fromTemplate, text } from "./strings.js";

const PATIENCE = 1_500; // a short drop is nobody's business
const line = document.getElementById("connection");

/** Show the socket's state; `composer` carries what needs an action. */
export function startConnection(socket, composer) {
  let timer = 0;
  const show = (words) => {
    line.textContent = words;
    line.hidden = !words;
  };
  const wait = () => show(text(navigator.onLine ? "reconnecting" : "offline"));
  socket.on("state", ({ state }) => {
    clearTimeout(timer);
    if (state === "waiting" && line.hidden) timer = setTimeout(wait, PATIENCE);
    else if (state === "waiting") wait();
    else show("");
    if (state === "signed-out") composer.say(text("signed-out"), signInLink());
    if (state === "refused") composer.say(text("socket-refused"));
  });
}

function signInLink() {
  const link = fromTemplate("sign-in-link");
  link.search = new URLSearchParams({ next: location.pathname });
  return link;
}
