/** The model picker: plain radio buttons in a popover; tells where the next message goes, and who does not answer. */

const panel = document.getElementById("model-picker");
const button = document.getElementById("composer-model");
const notice = document.getElementById("composer-notice");
const rests = new Map(); // timers of the providers that are down

function picked() {
  return panel.querySelector("input:checked");
}

function show() {
  const input = picked();
  if (!input) return;
  button.querySelector(".picker-name").textContent = input.dataset.label;
  button.querySelector(".picker-price").textContent = input.dataset.price;
  const down = input.closest(".model").querySelector(".model-down:not([hidden])");
  notice.textContent = down ? `${down.textContent} ${input.dataset.notice}` : input.dataset.notice;
}

function mark(provider, isDown) {
  for (const line of panel.querySelectorAll(`.model[data-provider="${CSS.escape(provider)}"]`)) {
    const down = line.querySelector(".model-down");
    if (!down) continue; // it cannot be used for another reason
    down.hidden = !isDown;
    line.querySelector("input").disabled = isDown;
  }
  show();
}

/** Offer no model of a provider that is down for so many seconds; then it may be tried again. */
function rest(provider, seconds, onBack) {
  clearTimeout(rests.get(provider));
  mark(provider, true);
  const back = () => {
    mark(provider, false);
    onBack();
  };
  rests.set(provider, setTimeout(back, seconds * 1000));
}

/** Give the slug of the chosen model. */
export function pickedModel() {
  return picked()?.value ?? "";
}

/** Follow the choice and what the server says about providers; `onPick` hears of each change. */
export function startModels(socket, onPick) {
  panel.addEventListener("change", () => {
    show();
    onPick();
  });
  panel.addEventListener("click", (event) => {
    // A pointer chooses with one click; the arrow keys, whose clicks carry no detail, may want to go on.
    if (event.detail > 0 && event.target.closest("label")?.control?.disabled === false) panel.hidePopover();
  });
  panel.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    panel.hidePopover();
    button.focus();
  });
  socket.on("error", ({ code, retry_after: seconds }) => {
    const provider = picked()?.closest(".model").dataset.provider;
    if (code === "model_unavailable" && provider) rest(provider, seconds, onPick);
  });
  for (const { dataset } of panel.querySelectorAll(".model:has(.model-down:not([hidden]))")) {
    rest(dataset.provider, Number(dataset.retryAfter), onPick);
  }
  show();
}
