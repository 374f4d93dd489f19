/* One connection to one other browser (W3C WebRTC, perfect negotiation).

   Only the newcomer makes the first offer: two first offers that cross leave Chromium gathering for ever. For every
   later negotiation the newcomer is the polite side. Messages are taken one at a time, and candidates wait for the
   description they belong to. Strangers in a group meet at the relay, so that neither learns the other's address.
   A connection that failed is restarted on connectionState: iceConnectionState may stay
   "disconnected" for ever. */

export class Peer {
  #connection;
  #send;
  #devices;
  #isPolite;
  #mayOffer;
  #isOffering = false;
  #ignoresOffer = false;
  #early = [];
  #queue = Promise.resolve();
  #update = () => this.#sendTracks();

  constructor({ isNewcomer, relays, isRelayed, devices, send, onStream, onState }) {
    this.#send = send;
    this.#devices = devices;
    this.#isPolite = isNewcomer;
    this.#mayOffer = isNewcomer;
    const canRelay = relays.some((relay) => relay.credential); // a TURN server: STUN has none
    const iceTransportPolicy = isRelayed && canRelay ? "relay" : "all";
    this.#connection = new RTCPeerConnection({ iceServers: relays, iceTransportPolicy });
    this.#listen(onStream, onState);
    devices.addEventListener("change", this.#update);
    if (isNewcomer) this.#offerBothKinds();
  }

  /* Takes a message from the other side after all earlier ones. */
  take(message) {
    this.#queue = this.#queue.then(() => this.#handle(message)).catch((failed) => console.warn("peer", failed.name));
  }

  close() {
    this.#devices.removeEventListener("change", this.#update);
    this.#connection.close();
  }

  #listen(onStream, onState) {
    const connection = this.#connection;
    const incoming = new MediaStream();
    connection.addEventListener("track", ({ track }) => {
      incoming.addTrack(track);
      onStream(incoming);
    });
    connection.addEventListener("icecandidate", ({ candidate }) => candidate && this.#send({ candidate }));
    connection.addEventListener("negotiationneeded", () => this.#mayOffer && this.#offer());
    connection.addEventListener("connectionstatechange", () => {
      if (connection.connectionState === "failed") connection.restartIce();
      onState(connection.connectionState);
    });
  }

  /* Both kinds are agreed on from the start, so that a camera switched on later needs no new agreement. */
  #offerBothKinds() {
    for (const kind of ["audio", "video"]) this.#connection.addTransceiver(kind, { direction: "sendrecv" });
    this.#sendTracks();
  }

  #sendTracks() {
    return Promise.all(
      this.#connection.getTransceivers().map((one) => {
        const track = this.#devices.track(one.receiver.track.kind);
        return one.sender.track === track ? null : one.sender.replaceTrack(track);
      }),
    );
  }

  async #offer() {
    try {
      this.#isOffering = true;
      await this.#connection.setLocalDescription();
      this.#send({ description: this.#connection.localDescription });
    } finally {
      this.#isOffering = false;
    }
  }

  async #handle({ description, candidate }) {
    if (description) await this.#takeDescription(description);
    else if (candidate) await this.#takeCandidate(candidate);
  }

  async #takeDescription(description) {
    const connection = this.#connection;
    const isOffer = description.type === "offer";
    const collides = isOffer && (this.#isOffering || connection.signalingState !== "stable");
    this.#ignoresOffer = collides && !this.#isPolite;
    if (this.#ignoresOffer) return;
    await connection.setRemoteDescription(description);
    for (const candidate of this.#early.splice(0)) await this.#takeCandidate(candidate);
    if (isOffer) await this.#answer();
  }

  async #answer() {
    const connection = this.#connection;
    for (const one of connection.getTransceivers()) {
      if (one.direction === "recvonly") one.direction = "sendrecv";
    }
    await this.#sendTracks();
    await connection.setLocalDescription();
    this.#send({ description: connection.localDescription });
    this.#mayOffer = true;
  }

  async #takeCandidate(candidate) {
    if (!this.#connection.remoteDescription) {
      this.#early.push(candidate);
      return;
    }
    try {
      await this.#connection.addIceCandidate(candidate);
    } catch (failed) {
      if (!this.#ignoresOffer) throw failed;
    }
  }
}
