/* "Leave quickly": goes to another site at once and takes this page's place in the browser's history. Escape three times does it too. */

const link = document.querySelector("[data-leave]");
let presses = [];

function leave(event) {
  event.preventDefault();
  document.documentElement.hidden = true;
  window.location.replace(link.href);
}

function count(event) {
  if (event.key !== "Escape") return;
  presses = [...presses, event.timeStamp].filter((at) => event.timeStamp - at < 2000);
  if (presses.length >= 3) leave(event);
}

if (link) {
  link.addEventListener("click", leave);
  document.addEventListener("keydown", count);
}
