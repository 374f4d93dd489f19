/* The waiting room: asks how things stand, and lets the page tell the truth about it. Opens the room by itself. */

import { keepAwake } from "./wake_lock.js";

const EVERY = 1500; // ms: who may not come in any more is out within two seconds
const root = document.querySelector("[data-waiting]");
let timer = null;
let isAsking = false;

function show(state) {
  if (state.go) window.location.replace(state.go);
  else if (state.version !== root.dataset.version) window.location.reload();
}

async function ask() {
  clearTimeout(timer);
  if (isAsking) return;
  isAsking = true;
  try {
    const answer = await fetch(root.dataset.waiting, { headers: { Accept: "application/json" }, cache: "no-store" });
    if (answer.ok) show(await answer.json());
    else if (answer.status === 410 || answer.status === 401) window.location.reload();
    root.querySelector("[data-offline]").hidden = true;
  } catch {
    root.querySelector("[data-offline]").hidden = false;
  } finally {
    isAsking = false;
    timer = setTimeout(ask, EVERY);
  }
}

if (root) {
  keepAwake();
  for (const words of root.querySelectorAll("[data-by-hand]")) words.hidden = true;
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && ask());
  window.addEventListener("online", ask);
  timer = setTimeout(ask, EVERY);
}
