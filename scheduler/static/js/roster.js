/* The clinician's roster: follows who waits, and presses its buttons without leaving the page (the room goes on).

   The server draws the list; a fresh one is fetched as a document and put in place, so nothing here writes HTML. */

const EVERY = 3000;
const root = document.querySelector("[data-roster]");

function fetchDocument(address) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.responseType = "document";
    request.open("GET", address);
    request.addEventListener("load", () => (request.status === 200 ? resolve(request.response) : reject(request.status)));
    request.addEventListener("error", () => reject(0));
    request.send();
  });
}

function nameOfFocus() {
  return root.contains(document.activeElement) ? document.activeElement.dataset.focus : undefined;
}

function announce(words) {
  const live = document.querySelector("[data-announce]");
  if (live && words && live.textContent !== words) live.textContent = words;
}

/* The menus that are open, by the name of their summary: they stay open in the list that takes this one's place. */
function openMenus() {
  return [...root.querySelectorAll("details[open] > summary")].map((summary) => summary.dataset.focus);
}

async function redraw() {
  const focused = nameOfFocus();
  const menus = openMenus();
  const fresh = (await fetchDocument(root.dataset.roster)).querySelector("[data-roster]");
  if (!fresh) return;
  root.replaceChildren(...document.importNode(fresh, true).childNodes);
  for (const name of menus) root.querySelector(`summary[data-focus="${name}"]`)?.parentElement.setAttribute("open", "");
  root.dataset.version = fresh.dataset.version;
  announce(fresh.dataset.words);
  if (focused) (root.querySelector(`[data-focus="${focused}"]`) ?? root.querySelector("h2")).focus();
}

/* A sign-in that has rested too long ends; the call goes on, the list stands still and says so. */
function showSignedOut(status) {
  root.querySelector("[data-signed-out]").hidden = status !== 401;
}

async function follow() {
  try {
    const answer = await fetch(root.dataset.follow, { headers: { Accept: "application/json" }, cache: "no-store" });
    showSignedOut(answer.status);
    if (answer.ok && (await answer.json()).version !== root.dataset.version) await redraw();
  } catch {
    return; // the network is away; the next round tries again
  }
}

async function press(event) {
  const form = event.target.closest("form[data-quiet]");
  if (!form) return;
  event.preventDefault();
  forgetTold();
  const answer = await send(form, event.submitter);
  if (!answer || answer.status >= 500) return tell("unreached");
  showSignedOut(answer.status);
  if (answer.status === 401) return;
  const isDone = answer.type === "opaqueredirect" || answer.ok;
  if (isDone && form.dataset.then) return window.location.assign(form.dataset.then);
  await redraw().catch(() => {}); // the next round draws it
  if (!isDone) tell("refused");
}

/* Returns the answer, or nothing where the server cannot be reached. */
async function send(form, submitter) {
  try {
    return await fetch(form.action, {
      method: "POST",
      body: new URLSearchParams(new FormData(form, submitter)),
      headers: { Accept: "application/json" },
      redirect: "manual",
    });
  } catch {
    return null;
  }
}

function tell(name) {
  const told = root.querySelector(`[data-told="${name}"]`);
  told.hidden = false;
  told.scrollIntoView({ block: "nearest" });
  announce(told.textContent);
}

function forgetTold() {
  for (const told of root.querySelectorAll("[data-told]")) told.hidden = true;
  document.querySelector("[data-announce]")?.replaceChildren(); // the same words are told anew
}

if (root) {
  document.addEventListener("submit", press);
  document.addEventListener("hearth:roster", follow); // the room's line has news
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && follow());
  setInterval(() => document.visibilityState === "visible" && follow(), EVERY);
}
