/** Puts a popover beside the button that opens it, on the side where there is room. */

const GAP = 4;
const MARGIN = 12;

function place(menu, anchor) {
  const box = anchor.getBoundingClientRect();
  const isLow = box.top + box.bottom > innerHeight;
  const isRight = box.left + box.right > innerWidth;
  Object.assign(menu.style, {
    top: isLow ? "auto" : `${box.bottom + GAP}px`,
    bottom: isLow ? `${innerHeight - box.top + GAP}px` : "auto",
    left: isRight ? "auto" : `${Math.max(MARGIN, box.left)}px`,
    right: isRight ? `${Math.max(MARGIN, innerWidth - box.right)}px` : "auto",
    maxHeight: `${(isLow ? box.top : innerHeight - box.bottom) - GAP - MARGIN}px`,
  });
}

/** Place each popover when its button is pressed. */
export function startMenus() {
  document.addEventListener("click", (event) => {
    const anchor = event.target.closest("[popovertarget]");
    if (anchor?.popoverTargetElement) place(anchor.popoverTargetElement, anchor);
  });
  addEventListener("resize", () => document.querySelectorAll(".menu:popover-open").forEach((menu) => menu.hidePopover()));
}
