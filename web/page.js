// The page: pictures and webcam frames in, cards with bars out. Nothing is kept; closing the page forgets everything.

import { Classifier, decode, pixels } from "./classifier.js";
import { text } from "./texts.js";

const COLOURS = ["#0072B2", "#E69F00", "#CC79A7", "#009E73", "#56B4E9", "#D55E00", "#F0E442", "#000000"];
const MODEL = "model.onnx";
const PAUSE_MS = 300;

const place = (id) => document.getElementById(id);
let language = navigator.language.startsWith("ja") ? "ja" : "en";
let classifier = null;
let stream = null;
let state = ["loading", {}];

function say(key, values = {}) {
  state = [key, values];
  place("status").textContent = text(language, key, values);
}

function translate() {
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll("[data-text]")) element.textContent = text(language, element.dataset.text);
  place("webcam").textContent = text(language, stream ? "stop" : "webcam");
  document.title = text(language, "title");
  say(...state);
}

/** A card with one bar per class, each with its name and its number. */
function card(title, image, scores) {
  const box = document.createElement("article");
  box.className = "card";
  const list = document.createElement("div");
  list.className = "bars";
  fill(list, title, scores);
  box.append(image, list);
  return box;
}

function fill(list, title, scores) {
  list.dataset.scores = JSON.stringify(scores);
  const bars = classifier.spec.class_names.map((name, i) => bar(name, scores[i], COLOURS[i % COLOURS.length]));
  list.replaceChildren(heading(title), ...bars);
}

function heading(title) {
  const line = document.createElement("h2");
  line.textContent = title;
  return line;
}

function bar(name, score, colour) {
  const row = document.createElement("div");
  row.className = "row";
  const label = document.createElement("span");
  label.dataset.text = name;
  label.textContent = text(language, name);
  const track = document.createElement("span");
  track.className = "track";
  track.setAttribute("aria-hidden", "true");
  const part = document.createElement("span");
  part.style.width = `${(100 * score).toFixed(1)}%`;
  part.style.background = colour;
  track.append(part);
  const value = document.createElement("span");
  value.className = "value";
  value.textContent = `${Math.round(100 * score)}%`;
  row.append(label, track, value);
  return row;
}

/** A small copy for the eye, of pixels that are in memory. */
function thumbnail(picture) {
  const whole = new OffscreenCanvas(picture.width, picture.height);
  whole.getContext("2d").putImageData(picture, 0, 0);
  const scale = Math.min(1, 220 / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", text(language, "picture"));
  canvas.getContext("2d").drawImage(whole, 0, 0, canvas.width, canvas.height);
  return canvas;
}

async function classify(files) {
  for (const file of files) {
    let picture;
    try {
      picture = await decode(file);
    } catch {
      place("results").prepend(failure(file.name));
      continue;
    }
    place("results").prepend(card(file.name, thumbnail(picture), await classifier.scores(picture)));
  }
}

function failure(name) {
  const line = document.createElement("p");
  line.className = "card failure";
  line.setAttribute("role", "alert");
  line.textContent = text(language, "unreadable", { name });
  return line;
}

async function startWebcam() {
  try {
    if (!navigator.mediaDevices) throw new Error("http");
    stream = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 1280 } }, audio: false });
  } catch (error) {
    say("webcam_refused", { reason: error.name === "Error" ? error.message : error.name });
    return;
  }
  const video = place("video");
  video.srcObject = stream;
  await video.play();
  translate();
  watch(video, stream);
}

async function watch(video, mine) {
  while (stream === mine) {
    if (video.videoWidth) {
      const scores = await classifier.scores(pixels(video, video.videoWidth, video.videoHeight));
      if (stream !== mine) return;
      place("live").hidden = false;
      fill(place("seen"), text(language, "webcam_title"), scores);
    }
    await new Promise((go) => setTimeout(go, PAUSE_MS));
  }
}

function stopWebcam() {
  for (const track of stream.getTracks()) track.stop();
  stream = null;
  place("video").srcObject = null;
  place("live").hidden = true;
  translate();
}

function listen() {
  const drop = place("drop");
  place("files").addEventListener("change", (event) => classify([...event.target.files]).finally(() => (event.target.value = "")));
  for (const kind of ["dragenter", "dragover"]) {
    drop.addEventListener(kind, (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
  }
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    if (classifier) classify([...event.dataTransfer.files]);
  });
  place("webcam").addEventListener("click", () => (stream ? stopWebcam() : startWebcam()));
  place("clear").addEventListener("click", () => place("results").replaceChildren());
  place("language").addEventListener("click", () => {
    language = language === "en" ? "ja" : "en";
    translate();
  });
}

async function start() {
  translate();
  listen();
  try {
    classifier = await Classifier.open(MODEL);
  } catch (error) {
    say("failed", { reason: error.message });
    return;
  }
  const [height, width] = classifier.spec.input_size_hw;
  say("ready", { file: classifier.spec.base_model, width, height });
  place("files").disabled = place("webcam").disabled = false;
  document.body.dataset.ready = "yes";
}

start();
