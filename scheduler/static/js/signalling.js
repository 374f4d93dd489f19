/* The line to the server: a WebSocket that comes back by itself, with growing pauses.

   Each connection asks for a fresh media pass first, and shows it in its first message. Whether this browser may be in
   the room is decided there, every time; a refusal ends the trying and says so. */

const PAUSES = [500, 1000, 2000, 4000, 8000, 15000];
const BEAT = 10000;
const SILENCE = 30000;
const REPLACED = 4001; // another window of this person has come; as in web/signalling.py

export class Signalling {
  #socketPath;
  #passPath;
  #on;
  #socket = null;
  #tries = 0;
  #timer = null;
  #heardAt = 0;
  #isOver = false;
  #isConnecting = false;

  /* `on` holds message(message), state("here" | "away"), refused(), replaced(). */
  constructor({ socketPath, passPath, on }) {
    this.#socketPath = socketPath;
    this.#passPath = passPath;
    this.#on = on;
    window.addEventListener("online", () => this.#hurry());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.#hurry());
    setInterval(() => this.#beat(), BEAT);
  }

  async connect() {
    if (this.#isOver || this.#isConnecting) return;
    this.#isConnecting = true;
    const pass = await this.#freshPass();
    this.#isConnecting = false;
    if (this.#isOver) return;
    if (pass === null) this.#later();
    else this.#open(pass);
  }

  send(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  close() {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#socket?.close();
  }

  /* A string, or null when the network failed; a refusal is final. */
  async #freshPass() {
    try {
      const answer = await fetch(this.#passPath, { method: "POST", headers: { Accept: "application/json" } });
      if (answer.ok) return (await answer.json()).pass;
      if (answer.status >= 500 || answer.status === 429) return null;
      this.#refused();
    } catch {
      return null;
    }
    return null;
  }

  #open(pass) {
    const address = new URL(this.#socketPath, window.location.href);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(address);
    this.#socket = socket;
    socket.addEventListener("open", () => socket.send(JSON.stringify({ type: "hello", pass })));
    socket.addEventListener("message", ({ data }) => this.#heard(JSON.parse(data)));
    socket.addEventListener("close", ({ code }) => this.#closed(socket, code));
    this.#heardAt = Date.now();
  }

  #heard(message) {
    this.#heardAt = Date.now();
    if (message.type === "welcome") {
      this.#tries = 0;
      this.#on.state("here");
    }
    if (message.type === "over") this.#refused();
    else if (message.type !== "pong") this.#on.message(message);
  }

  #closed(socket, code) {
    if (socket !== this.#socket || this.#isOver) return;
    this.#socket = null;
    if (code === REPLACED) {
      this.#replaced();
      return;
    }
    this.#on.state("away");
    this.#later();
  }

  #later() {
    const pause = PAUSES[Math.min(this.#tries, PAUSES.length - 1)];
    this.#tries += 1;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.connect(), pause * (0.75 + Math.random() / 2));
  }

  /* Back from sleep, or the network is back: no pause is owed. */
  #hurry() {
    if (this.#isOver) return;
    this.#beat();
    if (this.#socket !== null) return;
    this.#tries = 0;
    clearTimeout(this.#timer);
    this.connect();
  }

  #beat() {
    if (this.#socket === null) return;
    if (Date.now() - this.#heardAt > SILENCE) this.#abandon();
    else this.send({ type: "ping" });
  }

  /* A socket that died while the phone slept may stay "open" for minutes; it is left behind at once. */
  #abandon() {
    const dead = this.#socket;
    this.#closed(dead);
    dead.close();
  }

  /* Coming back by itself would put the other window out, and that one this one, without end. */
  #replaced() {
    this.close();
    this.#on.replaced();
  }

  #refused() {
    this.close();
    this.#on.refused();
  }
}
