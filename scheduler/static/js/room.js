/* The room: everyone's picture and sound, browser to browser. */

import { Devices, rememberChoice, rememberedChoice, showProblem } from "./devices.js";
import { Peer } from "./peer.js";
import { Signalling } from "./signalling.js";
import { keepAwake, letSleep } from "./wake_lock.js";

const ACTIVE_EVERY = 60000; // how often the server hears that somebody moves or types; it keeps a host signed in
const root = document.querySelector("[data-room]");

class Tile {
  constructor(person, template, tiles) {
    this.element = template.content.firstElementChild.cloneNode(true);
    this.video = this.element.querySelector("video");
    this.element.querySelector("[data-name]").textContent = person.name;
    tiles.append(this.element);
  }

  show(stream) {
    if (this.video.srcObject === stream) return;
    this.video.srcObject = stream;
    this.video.play().catch(() => (root.querySelector("[data-unmute]").hidden = false));
  }

  /* Without the camera the last picture would stand still; better none. */
  showDevices({ camera, microphone }) {
    this.element.classList.toggle("without-picture", !camera);
    this.note("camera", !camera);
    this.note("microphone", !microphone);
  }

  note(name, isShown) {
    this.element.querySelector(`[data-note="${name}"]`).hidden = !isShown;
  }
}

class Room {
  #devices = new Devices();
  #people = new Map(); // id -> { tile, peer }
  #relays = [];
  #line;
  #status = root.querySelector("[data-status]");
  #activeAt = 0;

  constructor() {
    this.#line = new Signalling({
      socketPath: root.dataset.room,
      passPath: root.dataset.pass,
      on: {
        message: (message) => this.#heard(message),
        state: (state) => this.#say(state === "away" ? "away" : this.#people.size ? "" : "alone"),
        refused: () => window.location.replace(root.dataset.out),
        replaced: () => this.#goOnElsewhere(),
      },
    });
    this.#devices.addEventListener("change", () => this.#showDevices());
    this.#wire();
  }

  async enter(choice) {
    rememberChoice(choice);
    root.querySelector("[data-start]").hidden = true;
    root.querySelector("[data-inside]").hidden = false;
    keepAwake();
    this.#say("connecting");
    showProblem(root, await this.#devices.open(choice));
    this.#line.connect();
  }

  #wire() {
    const press = (name, act) => root.querySelector(`[data-press="${name}"]`).addEventListener("click", act);
    press("camera", async () => showProblem(root, await this.#devices.setCamera(!this.#devices.isOn("video"))));
    press("microphone", async () => showProblem(root, await this.#devices.setMicrophone(!this.#devices.isOn("audio"))));
    root.querySelector("[data-unmute]").addEventListener("click", ({ currentTarget }) => {
      for (const video of root.querySelectorAll("[data-tiles] video")) video.play();
      currentTarget.hidden = true;
    });
    root.querySelector("[data-return]").addEventListener("click", () => window.location.reload());
    for (const sign of ["pointermove", "keydown"]) document.addEventListener(sign, () => this.#stay(), { passive: true });
    window.addEventListener("pagehide", () => this.#leave());
    window.addEventListener("pageshow", ({ persisted }) => persisted && window.location.reload()); // "back" to a room
  }

  #stay() {
    if (Date.now() - this.#activeAt < ACTIVE_EVERY) return;
    this.#activeAt = Date.now();
    this.#line.send({ type: "active" });
  }

  #leave() {
    this.#line.send({ type: "bye" });
    this.#line.close();
    this.#letGo();
  }

  #goOnElsewhere() {
    this.#letGo();
    root.querySelector("[data-inside]").hidden = true;
    root.querySelector("[data-elsewhere]").hidden = false;
    this.#say("elsewhere");
  }

  #letGo() {
    letSleep();
    for (const { peer } of this.#people.values()) peer.close();
    this.#devices.close();
  }

  #heard(message) {
    const { type, id } = message;
    if (type === "welcome") this.#welcome(message);
    else if (type === "came") this.#meet(message.person, { isNewcomer: false });
    else if (type === "went") this.#part(id);
    else if (type === "signal") this.#people.get(id)?.peer.take(message.data);
    else if (type === "state") this.#showState(id, message);
    else if (type === "away") this.#people.get(id)?.tile.note("away", true);
    else if (type === "changed") document.dispatchEvent(new Event("hearth:roster"));
  }

  /* Everyone who was here first waits for our offer; whoever is gone meanwhile is gone. */
  #welcome({ people, relays }) {
    this.#relays = relays;
    const here = new Set(people.map((person) => person.id));
    for (const id of [...this.#people.keys()]) if (!here.has(id)) this.#part(id);
    for (const person of people) this.#meet(person, { isNewcomer: true });
    this.#sendState();
    this.#say(people.length ? "" : "alone");
  }

  #meet(person, { isNewcomer }) {
    const known = this.#people.get(person.id);
    known?.peer.close();
    const tile = known?.tile ?? new Tile(person, root.querySelector("template"), root.querySelector("[data-tiles]"));
    tile.note("away", false);
    tile.showDevices(person);
    const peer = new Peer({
      isNewcomer,
      relays: this.#relays,
      isRelayed: person.relayed,
      devices: this.#devices,
      send: (data) => this.#line.send({ type: "signal", to: person.id, data }),
      onStream: (stream) => tile.show(stream),
      onState: (state) => tile.note("away", state === "failed" || state === "disconnected"),
    });
    this.#people.set(person.id, { tile, peer });
    if (!isNewcomer) this.#sendState();
    this.#say("");
  }

  #part(id) {
    const person = this.#people.get(id);
    if (!person) return;
    person.peer.close();
    person.tile.element.remove();
    this.#people.delete(id);
    if (!this.#people.size) this.#say("alone");
  }

  #showState(id, { camera, microphone }) {
    this.#people.get(id)?.tile.showDevices({ camera, microphone });
  }

  #sendState() {
    this.#line.send({ type: "state", camera: this.#devices.isOn("video"), microphone: this.#devices.isOn("audio") });
  }

  #showDevices() {
    const own = root.querySelector("[data-self]");
    if (own.srcObject !== this.#devices.stream) own.srcObject = this.#devices.stream;
    own.closest("[data-own]").classList.toggle("without-picture", !this.#devices.isOn("video"));
    for (const [name, kind] of [["camera", "video"], ["microphone", "audio"]]) {
      const isOn = this.#devices.isOn(kind);
      for (const words of root.querySelectorAll(`[data-press="${name}"] [data-when]`)) {
        words.hidden = (words.dataset.when === "on") !== isOn;
      }
    }
    this.#sendState();
  }

  #say(name) {
    const words = name ? root.querySelector(`[data-say="${name}"]`).textContent : "";
    if (this.#status.textContent !== words) this.#status.textContent = words;
  }
}

if (root) {
  root.querySelector("[data-needs-script]").hidden = true;
  const room = new Room();
  const choice = rememberedChoice();
  for (const button of root.querySelectorAll("[data-with]")) {
    button.addEventListener("click", () => room.enter(button.dataset.with));
  }
  root.querySelector("[data-start]").hidden = choice !== null;
  if (choice !== null) room.enter(choice);
}
