/* Passkeys: asks the server for options, the device for an answer, and sends the answer as an ordinary form. */

const forms = document.querySelectorAll("form[data-passkey]");

const isKnown =
  window.PublicKeyCredential?.parseCreationOptionsFromJSON && window.PublicKeyCredential?.parseRequestOptionsFromJSON;

const WORDS = { InvalidStateError: "known", NotAllowedError: "cancelled", AbortError: "cancelled" };

async function optionsFor(form) {
  const response = await fetch(form.dataset.options, { method: "POST", headers: { Accept: "application/json" } });
  if (!response.ok) throw new Refused(response.status);
  return response.json();
}

class Refused extends Error {
  constructor(status) {
    super(`refused: ${status}`);
    this.status = status;
  }
}

async function answerTo(kind, options) {
  return kind === "create"
    ? navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
    : navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
}

function say(form, which) {
  for (const words of form.querySelectorAll("[data-words]")) words.hidden = words.dataset.words !== which;
}

async function prove(form) {
  try {
    const answer = await answerTo(form.dataset.passkey, await optionsFor(form));
    form.elements.credential.value = JSON.stringify(answer.toJSON());
    form.submit();
  } catch (failed) {
    if (failed instanceof Refused && [401, 403, 410].includes(failed.status)) {
      form.submit(); // the server's own page says why, and what to do
      return;
    }
    say(form, WORDS[failed.name] ?? "failed");
    form.querySelector("button").disabled = false;
  }
}

for (const form of forms) {
  if (!isKnown) continue;
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    form.querySelector("button").disabled = true;
    say(form, null);
    prove(form);
  });
}

for (const words of document.querySelectorAll("[data-passkey-off]")) words.hidden = true;
for (const words of document.querySelectorAll("[data-passkey-missing]")) words.hidden = Boolean(isKnown);
