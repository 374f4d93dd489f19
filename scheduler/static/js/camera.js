/* The check of camera and sound before the waiting room: a picture of oneself, and a bar that moves when one speaks. */

import { Devices, rememberChoice, showProblem } from "./devices.js";

const root = document.querySelector("[data-camera-check]");

function showLevel(stream, meter) {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const measure = () => {
    analyser.getFloatTimeDomainData(samples);
    meter.value = Math.min(1, Math.max(...samples.map(Math.abs)) * 2);
    requestAnimationFrame(measure);
  };
  measure();
}

async function check(devices, choice) {
  rememberChoice(choice);
  const problem = await devices.open(choice);
  showProblem(root, problem);
  const picture = root.querySelector("video");
  picture.srcObject = devices.stream;
  picture.closest("[data-picture]").hidden = devices.track("video") === null;
  const hasSound = devices.track("audio") !== null;
  root.querySelector("[data-sound]").hidden = !hasSound;
  root.querySelector("[data-good]").hidden = problem !== null;
  if (problem?.startsWith("camera-")) rememberChoice("sound");
  if (hasSound) showLevel(devices.stream, root.querySelector("meter"));
}

if (root) {
  const devices = new Devices();
  root.querySelector("[data-choices]").hidden = false;
  for (const button of root.querySelectorAll("[data-with]")) {
    button.addEventListener("click", () => check(devices, button.dataset.with));
  }
  window.addEventListener("pagehide", () => devices.close());
}
