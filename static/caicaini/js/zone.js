/** Tells the server the browser's time zone, so that the sidebar's days are this person's days. */

const NAME = "zone";

/** Set the cookie, gone with the browser; calls `onChange` when the page was made for another zone. */
export function startZone(onChange) {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  if (!timeZone || document.cookie.split("; ").includes(`${NAME}=${timeZone}`)) return;
  document.cookie = `${NAME}=${timeZone}; path=/; SameSite=Lax`;
  if (timeZone !== document.body.dataset.zone) onChange();
}
