/** The chat page: makes the parts and connects them. */

import { startBalance } from "./balance.js";
import { Composer } from "./composer.js";
import { Quote } from "./quote.js";
import { Runs } from "./runs.js";
import { Scroll } from "./scroll.js";
import { Socket } from "./socket.js";
import { startClipboard } from "./clipboard.js";
import { startConnection } from "./connection.js";
import { startDrafts } from "./drafts.js";
import { startMenus } from "./menus.js";
import { pickedModel, startModels } from "./models.js";
import { startPrompts } from "./prompts.js";
import { startSheet } from "./sheet.js";
import { startShortcuts } from "./shortcuts.js";
import { refreshSidebar, startSidebar } from "./sidebar.js";
import { startTheme } from "./theme.js";
import { startToasts } from "./toasts.js";
import { startZone } from "./zone.js";

const byId = (id) => document.getElementById(id);

const socket = new Socket(document.body.dataset.socket, document.body.dataset.refresh);
const scroll = new Scroll(byId("scroller"), byId("messages"), byId("jump"));

const composer = new Composer(socket, {
  model: pickedModel,
  changed: () => quote.ask(),
  accepted: (frame) => {
    quote.showLeftOut(frame.left_out);
    runs.begin();
    scroll.toEnd();
    refreshSidebar();
  },
});
const quote = new Quote(socket, composer, pickedModel);
const runs = new Runs(socket, () => {
  composer.refresh();
  quote.ask();
});

socket.on("changed", refreshSidebar);
socket.on("ready", refreshSidebar);

startBalance(socket);
startTheme();
startToasts();
startMenus();
startModels(socket, () => quote.ask());
startSheet();
startSidebar();
startPrompts(composer);
startClipboard();
startShortcuts(composer);
startConnection(socket, composer);
startDrafts(composer);
startZone(refreshSidebar);

scroll.toEnd();
composer.refresh();
if (matchMedia("(hover: hover)").matches) composer.focus();
socket.open();
