/* Keeps the screen awake while a page waits or talks, where the browser can (W3C Screen Wake Lock). */

let lock = null;

async function hold() {
  if (document.visibilityState !== "visible" || !("wakeLock" in navigator)) return;
  try {
    lock = await navigator.wakeLock.request("screen");
  } catch {
    lock = null; // a low battery refuses; the page works without
  }
}

export function keepAwake() {
  document.addEventListener("visibilitychange", hold); // the browser lets go of the lock with every hidden page
  hold();
}

export function letSleep() {
  document.removeEventListener("visibilitychange", hold);
  lock?.release();
}
