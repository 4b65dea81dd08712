/** Shows Turnstile in the forms that need it: the only script here that asks another host for anything. */

const SLOW = 20_000; // ms after which waiting without a word would be unkind

function load(url) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = url;
    script.async = true;
    script.addEventListener("load", () => (window.turnstile ? resolve(window.turnstile) : reject()));
    script.addEventListener("error", reject);
    setTimeout(reject, SLOW);
    document.head.append(script);
  });
}

const theme = () => document.documentElement.dataset.theme ?? "auto";

async function start(box) {
  const error = box.querySelector("[data-captcha-error]");
  const complain = () => ((error.hidden = false), true); // true: Turnstile need not write to the console as well
  try {
    const turnstile = await load(box.dataset.script);
    const id = turnstile.render(box.querySelector("[data-captcha-frame]"), {
      sitekey: box.dataset.siteKey,
      action: box.dataset.action,
      theme: theme(),
      size: "flexible",
      language: document.documentElement.lang || "auto",
      callback: () => (error.hidden = true),
      "error-callback": complain,
      "unsupported-callback": complain,
    });
    // A page that comes back from the browser's memory holds an answer that its form has spent.
    addEventListener("pageshow", (event) => event.persisted && turnstile.reset(id));
  } catch {
    complain();
  }
}

for (const box of document.querySelectorAll("[data-captcha]")) start(box);
