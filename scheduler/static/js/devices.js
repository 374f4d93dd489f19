/* The person's own camera and microphone. Nothing is asked for before somebody pressed a button. */

const CHOICE = "hearth.devices";
const PICTURE = { facingMode: "user", width: { ideal: 640 }, height: { ideal: 360 }, frameRate: { ideal: 24, max: 30 } };

const PROBLEMS = {
  NotAllowedError: "refused",
  SecurityError: "refused",
  NotFoundError: "absent",
  OverconstrainedError: "absent",
  NotReadableError: "busy",
  AbortError: "busy",
};

/* "camera", "sound", or null when the person has not chosen yet in this tab. */
export function rememberedChoice() {
  try {
    return sessionStorage.getItem(CHOICE);
  } catch {
    return null; // storage is forbidden: the page asks again
  }
}

export function rememberChoice(choice) {
  try {
    sessionStorage.setItem(CHOICE, choice);
  } catch {
    return;
  }
}

async function capture(wanted) {
  if (!navigator.mediaDevices?.getUserMedia) return { tracks: [], problem: "unsupported" };
  try {
    const stream = await navigator.mediaDevices.getUserMedia(wanted);
    return { tracks: stream.getTracks(), problem: null };
  } catch (failed) {
    return { tracks: [], problem: PROBLEMS[failed.name] ?? "busy" };
  }
}

export class Devices extends EventTarget {
  stream = new MediaStream();

  /* Opens what the choice names. Without a camera there is still sound; the problem says what is missing. */
  async open(choice) {
    const sound = { echoCancellation: true, noiseSuppression: true };
    const first = await capture(choice === "camera" ? { audio: sound, video: PICTURE } : { audio: sound });
    this.#take(first.tracks);
    if (first.problem === null || choice !== "camera" || first.problem === "unsupported") return first.problem;
    const second = await capture({ audio: sound });
    this.#take(second.tracks);
    return second.problem === null ? `camera-${first.problem}` : first.problem;
  }

  track(kind) {
    return this.stream.getTracks().find((track) => track.kind === kind) ?? null;
  }

  isOn(kind) {
    return this.track(kind)?.enabled ?? false;
  }

  /* Off means off: the camera's light goes out. Returns a problem or null. */
  async setCamera(on) {
    if (!on) {
      this.#drop("video");
      return null;
    }
    const { tracks, problem } = await capture({ video: PICTURE });
    this.#take(tracks);
    return problem;
  }

  async setMicrophone(on) {
    const track = this.track("audio");
    if (track) {
      track.enabled = on;
      this.#changed();
      return null;
    }
    const { tracks, problem } = on ? await capture({ audio: true }) : { tracks: [], problem: null };
    this.#take(tracks);
    return problem;
  }

  close() {
    this.#drop("video");
    this.#drop("audio");
  }

  #take(tracks) {
    for (const track of tracks) {
      this.#drop(track.kind);
      this.stream.addTrack(track);
      track.addEventListener("ended", () => this.#lost(track)); // unplugged, or taken by another program
    }
    this.#changed();
  }

  #lost(track) {
    this.stream.removeTrack(track);
    this.#changed();
  }

  #drop(kind) {
    for (const track of this.stream.getTracks().filter((one) => one.kind === kind)) {
      track.stop();
      this.stream.removeTrack(track);
    }
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

/* Shows the words for a problem that stand in the page, and hides those of others. */
export function showProblem(root, problem) {
  for (const words of root.querySelectorAll("[data-problem]")) words.hidden = words.dataset.problem !== problem;
}
