/** The list of conversations: fresh after every change, renamed in place, deleted with an undo. */

import { onAction } from "./actions.js";
import { currentConversation } from "./current.js";
import { fromTemplate, text } from "./strings.js";
import { toast } from "./toasts.js";

const NOBODY = "00000000-0000-0000-0000-000000000000";
const PAUSE = 300;
const TARGET = "#conversations";
const UNDO = "undo";
const LINK = "open-";
const menu = document.getElementById("conversation-menu");
const { dataset } = document.body;
let timer = 0;
let acting = 0;
let turn = Promise.resolve();
let chosen = "";
let focusNext = "";

/** Fetch the list again soon; never under an open rename form or menu, or while something is being done. */
export function refreshSidebar() {
  clearTimeout(timer);
  timer = setTimeout(() => (isBusy() ? refreshSidebar() : fetchList()), PAUSE);
}

function isBusy() {
  return acting || menu.matches(":popover-open") || document.querySelector(`${TARGET} form`);
}

/** A list that is replaced loses the focus: say where it goes, unless the person has moved on. */
function giveFocus() {
  const isLost = document.activeElement === document.body || document.activeElement.closest("#sidebar");
  if (focusNext && isLost) document.querySelector(focusNext)?.focus();
  focusNext = "";
}

function cancelRename() {
  focusNext = `#${LINK}${CSS.escape(chosen)}`;
  return fetchList();
}

/**
 * One after the other, and a target is looked up when its turn comes: the request before may have replaced the list.
 * Resolves whether it worked or not: htmx's events say what went wrong.
 */
function request(verb, url, target, swap) {
  turn = turn.then(() => htmx.ajax(verb, url, { target, swap })).catch(() => {});
  return turn;
}

function fetchList() {
  return request("GET", dataset.sidebar, TARGET, "outerHTML");
}

/** A refresh that came in between would sweep away the form that a rename brings. */
async function act(verb, url, target, swap) {
  menu.hidePopover();
  acting += 1;
  await request(verb, url.replace(NOBODY, chosen), target, swap);
  acting -= 1;
}

/** Every request says which conversation is shown, so that the list can mark it. */
function tellCurrent({ detail }) {
  const mark = detail.path.includes("?") ? "&" : "?";
  detail.path += `${mark}current=${currentConversation() ?? ""}`;
}

/** The page's heading and the tab's name follow the list. */
function showTitle() {
  const link = document.querySelector(`${TARGET} [aria-current="page"]`);
  if (!link) return;
  document.getElementById("conversation-title").textContent = link.textContent;
  document.title = document.title.replace(/^.* · /, () => `${link.textContent} · `);
}

/** Two pages may meet within one day: show the day once, and each conversation once. */
function tidy() {
  const list = document.querySelector(TARGET);
  const seen = new Set();
  for (const { id, parentElement } of list.querySelectorAll(".conversation > a")) {
    if (seen.has(id)) parentElement.remove();
    seen.add(id);
  }
  for (const day of list.querySelectorAll(".day")) {
    const first = list.querySelector(`.day[data-day="${CSS.escape(day.dataset.day)}"]`);
    if (first === day) continue;
    first.querySelector("ul").append(...day.querySelectorAll("li"));
    day.remove();
  }
}

function showUndo(uuid) {
  const item = fromTemplate("undo-template");
  item.dataset.conversation = uuid;
  const button = item.querySelector("[hx-post]");
  button.setAttribute("hx-post", button.getAttribute("hx-post").replace(NOBODY, uuid));
  document.getElementById("toasts").append(item);
  htmx.process(item);
}

/** The shown conversation was deleted: leave its page, and offer the undo on the next one. */
async function remove() {
  const uuid = chosen; // another menu may be opened while this one's request is under way
  const isShown = uuid === currentConversation();
  focusNext = "#sidebar-list";
  await act("POST", dataset.delete, TARGET, "outerHTML");
  if (!isShown || !document.querySelector(`.toast[data-conversation="${CSS.escape(uuid)}"]`)) return;
  sessionStorage.setItem(UNDO, uuid);
  location.assign(dataset.chat);
}

/** The server's own words where it has some: `{"code", "message"}`. */
function reason(xhr) {
  try {
    return JSON.parse(xhr.responseText).message;
  } catch {
    return text("failed-request");
  }
}

/** Nobody asked for a refresh, and the next connection brings another one: its failure is no news. */
function isRefresh({ detail }) {
  return detail.requestConfig.path.startsWith(`${dataset.sidebar}?current=`);
}

/** A refresh that finds nobody signed in must not lead away from what is being read: the connection says it. */
function stayWhenSignedOut(event) {
  if (event.detail.xhr.status === 401 && isRefresh(event)) event.preventDefault();
}

function onRestored({ target, detail }) {
  const item = target.closest?.('.toast[data-toast="undo"]');
  if (!item || !detail.successful) return;
  item.remove();
  toast(text("restored"));
}

/** Start the list's own behaviour. */
export function startSidebar() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[popovertarget='conversation-menu']")?.previousElementSibling;
    chosen = link?.id.slice(LINK.length) ?? chosen;
  }, true);
  onAction("rename", () => act("GET", dataset.rename, `li:has(> #${LINK}${CSS.escape(chosen)})`, "innerHTML"));
  onAction("delete", remove);
  onAction("cancel-rename", cancelRename);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && event.target.closest(".rename")) cancelRename();
  });
  document.addEventListener("submit", (event) => {
    if (event.target.matches(".rename")) focusNext = `#${LINK}${CSS.escape(chosen)}`;
  });
  document.body.addEventListener("htmx:configRequest", tellCurrent);
  document.body.addEventListener("htmx:afterSettle", () => {
    tidy();
    showTitle();
    giveFocus();
  });
  document.body.addEventListener("htmx:afterRequest", onRestored);
  document.body.addEventListener("htmx:beforeOnLoad", stayWhenSignedOut);
  document.body.addEventListener("htmx:responseError", (event) => isRefresh(event) || toast(reason(event.detail.xhr)));
  document.body.addEventListener("htmx:sendError", (event) => isRefresh(event) || toast(text("failed-request")));
  const deleted = sessionStorage.getItem(UNDO);
  sessionStorage.removeItem(UNDO);
  if (deleted) showUndo(deleted);
}
