/** The model picker: plain radio buttons in a popover; tells where the next message goes. */

const panel = document.getElementById("model-picker");
const button = document.getElementById("composer-model");
const notice = document.getElementById("composer-notice");

function picked() {
  return panel.querySelector("input:checked");
}

function show() {
  const input = picked();
  if (!input) return;
  button.querySelector(".picker-name").textContent = input.dataset.label;
  button.querySelector(".picker-price").textContent = input.dataset.price;
  notice.textContent = input.dataset.notice;
}

/** Give the slug of the chosen model. */
export function pickedModel() {
  return picked()?.value ?? "";
}

/** Follow the choice; `onPick` hears of each. */
export function startModels(onPick) {
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
  show();
}
