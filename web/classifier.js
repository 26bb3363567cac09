// Pixels in, scores out, in this browser: the counterpart of `inference/classifier.py`.

import * as ort from "./vendor/ort.wasm.min.mjs";
import { fit } from "./fit.js";
import { factSheet } from "./metadata.js";

ort.env.wasm.wasmPaths = new URL("./vendor/", import.meta.url).href;
// Threads need a page that is isolated from others by two headers of its server; without them one thread computes.
ort.env.wasm.numThreads = globalThis.crossOriginIsolated ? Math.min(4, navigator.hardwareConcurrency || 1) : 1;

const INPUT = "frames", OUTPUT = "scores";
export const MAX_PIXELS = 89_000_000;

export class Classifier {
  /** Fetches an ONNX file from beside the page. Throws an Error when it is not a classifier of ours. */
  static async open(address) {
    const answer = await fetch(address);
    if (!answer.ok) throw new Error(`The model ${address} cannot be loaded (${answer.status}).`);
    const bytes = new Uint8Array(await answer.arrayBuffer());
    const spec = factSheet(bytes);
    if (spec.task && spec.task !== "classify") throw new Error(`The model ${address} is a finder, a classifier was expected.`);
    return new Classifier(await ort.InferenceSession.create(bytes, { executionProviders: ["wasm"] }), spec);
  }

  constructor(session, spec) {
    this.session = session;
    this.spec = spec;
  }

  /** An ImageData -> one score per class, in the order of `spec.class_names`. */
  async scores(picture) {
    const frame = fit(picture, this.spec.input_size_hw, this.spec.fit);
    const tensor = new ort.Tensor("uint8", frame, [1, ...this.spec.input_size_hw, 3]);
    const outputs = await this.session.run({ [INPUT]: tensor });
    return Array.from(outputs[OUTPUT].data);
  }
}

/** A File -> upright pixels, transparency laid on white, colours as they are in the file. Throws where it is no picture. */
export async function decode(file) {
  const bitmap = await createImageBitmap(file, {
    imageOrientation: "from-image",
    colorSpaceConversion: "none",
    premultiplyAlpha: "none",
  });
  try {
    if (bitmap.width * bitmap.height > MAX_PIXELS) throw new Error("too many pixels");
    return pixels(bitmap, bitmap.width, bitmap.height);
  } finally {
    bitmap.close();
  }
}

/** What a bitmap or a video shows, as an ImageData. */
export function pixels(source, width, height) {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true, colorSpace: "srgb" });
  context.fillStyle = "white";
  context.fillRect(0, 0, width, height);
  context.drawImage(source, 0, 0, width, height);
  return context.getImageData(0, 0, width, height);
}
