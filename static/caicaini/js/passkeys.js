/** Passkeys: makes the button of a page's passkey form work, and says in words what went wrong. */

const form = document.querySelector("form[data-passkey]");
const button = document.getElementById("passkey-button");
const said = document.getElementById("passkey-said");
const ids = { credential: "passkey-credential", data: "passkey-data" };
const starters = {
  "sign-in": (ways) => ways.loginForm({ ids: { ...ids, login: button.id } }),
  prove: (ways) => ways.authenticateForm({ ids: { ...ids, authenticate: button.id } }),
  add: (ways) => ways.addForm({ ids: { ...ids, add: button.id, passwordless: "id_passwordless" } }),
};
const isNumber = /^[\d.]+$|^\[/.test(location.hostname);

function say(text) {
  said.textContent = text;
  said.hidden = false;
}

function wordsFor(error) {
  if (error.name === "SecurityError") {
    return /^(127\.|\[::1\])/.test(location.hostname) ? said.dataset.local : said.dataset.address;
  }
  const words = { NotAllowedError: "cancelled", AbortError: "cancelled", InvalidStateError: "known" };
  return said.dataset[words[error.name] ?? "failed"];
}

function start() {
  form.hidden = false;
  starters[form.dataset.passkey](window.allauth.webauthn.forms);
  // Before allauth's own listener has the browser ask, the words about the last attempt go.
  button.addEventListener("click", () => { said.hidden = true; }, { capture: true });
  // Enter in a field presses the button: the form itself has nothing to send yet.
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    button.click();
  });
  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    say(wordsFor(event.detail.exception));
  });
}

if (form && window.PublicKeyCredential && window.allauth?.webauthn) {
  start();
  if (isNumber && form.dataset.passkey === "add") {
    say(wordsFor({ name: "SecurityError" }));
  }
}
