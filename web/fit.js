// Bring a picture to the model's size exactly as `inference/images.py` does with OpenCV, so that scores are those of the server.
// A canvas would resize by rules of its own, which differ between browsers.

export const PAD_VALUE = 114;
const HALVED_FROM = 3;
const WEIGHT_ONE = 2048; // OpenCV weighs neighbours in whole 2048ths

/** Python's round: halves go to the even neighbour. */
export function round(value) {
  const low = Math.floor(value);
  const rest = value - low;
  if (rest !== 0.5) return Math.round(value);
  return low % 2 === 0 ? low : low + 1;
}

/** `{data, width, height}` of RGBA bytes -> RGB bytes of `[height, width]` by `pad`, `squash` or `crop`. */
export function fit(picture, [height, width], rule) {
  let part = { x: 0, y: 0, width: picture.width, height: picture.height };
  if (rule === "crop") part = centred(part, height / width);
  if (rule !== "pad") return resize(picture, part, height, width);
  const scale = Math.min(height / part.height, width / part.width);
  const innerHeight = Math.max(1, round(part.height * scale));
  const innerWidth = Math.max(1, round(part.width * scale));
  const top = Math.floor((height - innerHeight) / 2);
  const left = Math.floor((width - innerWidth) / 2);
  const inner = resize(picture, part, innerHeight, innerWidth);
  const frame = new Uint8Array(height * width * 3).fill(PAD_VALUE);
  for (let y = 0; y < innerHeight; y++) {
    frame.set(inner.subarray(y * innerWidth * 3, (y + 1) * innerWidth * 3), ((top + y) * width + left) * 3);
  }
  return frame;
}

/** Means of 2 x 2 pixels of a part; an odd last row or column goes. */
function halved({ data, width: stride }, part) {
  const [width, height] = [part.width >> 1, part.height >> 1];
  const half = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y++) {
    let at = ((part.y + 2 * y) * stride + part.x) * 4;
    for (let i = y * width * 4; i < (y + 1) * width * 4; i += 4, at += 8) {
      for (let c = 0; c < 3; c++) {
        const [above, below] = [at + c, at + c + stride * 4];
        half[i + c] = (data[above] + data[above + 4] + data[below] + data[below + 4] + 2) >> 2;
      }
    }
  }
  return { data: half, width, height };
}

function centred({ width, height }, heightPerWidth) {
  const newHeight = Math.max(1, Math.min(height, round(width * heightPerWidth)));
  const newWidth = Math.max(1, Math.min(width, round(height / heightPerWidth)));
  return { x: Math.floor((width - newWidth) / 2), y: Math.floor((height - newHeight) / 2), width: newWidth, height: newHeight };
}

function resize(picture, part, height, width) {
  const isHalf = () => part.height === 2 * height && part.width === 2 * width; // OpenCV takes whole numbers for these means
  while ((part.height >= HALVED_FROM * height && part.width >= HALVED_FROM * width) || isHalf()) {
    picture = halved(picture, part);
    part = { x: 0, y: 0, width: picture.width, height: picture.height };
  }
  const shrinks = height < part.height || width < part.width;
  const bothShrink = height <= part.height && width <= part.width;
  if (shrinks && bothShrink) return weigh(picture, part, areaWeights(part.width, width), areaWeights(part.height, height));
  const places = shrinks ? emulatedAreaPlaces : linearPlaces;
  return blend(picture, part, places(part.width, width), places(part.height, height));
}

/** Per target pixel the source pixels `[index, weight]` that it covers (OpenCV's INTER_AREA when shrinking). */
function areaWeights(source, target) {
  const scale = source / target;
  return Array.from({ length: target }, (_, i) => {
    const from = i * scale;
    const to = from + scale;
    const cell = Math.min(scale, source - from);
    const last = Math.min(Math.floor(to), source - 1);
    const first = Math.min(Math.ceil(from), last);
    const pixels = [];
    if (first - from > 1e-3) pixels.push([first - 1, Math.fround((first - from) / cell)]);
    for (let s = first; s < last; s++) pixels.push([s, Math.fround(1 / cell)]);
    if (to - last > 1e-3) pixels.push([last, Math.fround(Math.min(Math.min(to - last, 1), cell) / cell)]);
    return pixels;
  });
}

/** Per target pixel `[s, share]`: between the source pixels s and s + 1, `share` of the way. INTER_AREA where one side shrinks and the other grows. */
function emulatedAreaPlaces(source, target) {
  const scale = source / target;
  return Array.from({ length: target }, (_, i) => {
    const s = Math.floor(i * scale);
    const rest = Math.fround(i + 1 - (s + 1) * (target / source));
    return [s, rest <= 0 ? 0 : Math.fround(rest - Math.floor(rest))];
  });
}

/** The same for INTER_LINEAR: pixel centres at halves; s may lie one before the first pixel. */
function linearPlaces(source, target) {
  const scale = source / target;
  return Array.from({ length: target }, (_, i) => {
    const place = Math.fround((i + 0.5) * scale - 0.5);
    const s = Math.floor(place);
    return [s, Math.fround(place - s)];
  });
}

/** Between two columns, then between two rows, in OpenCV's whole numbers: bits fall away in between. */
function blend(picture, part, columns, rows) {
  const { data, width: stride } = picture;
  const length = columns.length * 3;
  const narrow = new Int32Array(part.height * length);
  columns.forEach(([place, share], x) => {
    const beyond = place < 0 || place >= part.width - 1;
    const s = Math.min(Math.max(place, 0), part.width - 1);
    const [near, far] = beyond ? [WEIGHT_ONE, 0] : parts(share);
    const next = beyond ? 0 : 4;
    for (let y = 0; y < part.height; y++) {
      const at = ((part.y + y) * stride + part.x + s) * 4;
      for (let c = 0; c < 3; c++) narrow[y * length + x * 3 + c] = near * data[at + c] + far * data[at + next + c];
    }
  });
  const out = new Uint8Array(rows.length * length);
  rows.forEach(([place, share], y) => {
    const above = Math.min(Math.max(place, 0), part.height - 1) * length;
    const below = Math.min(Math.max(place + 1, 0), part.height - 1) * length;
    const [near, far] = parts(share);
    for (let i = 0; i < length; i++) {
      out[y * length + i] = (((near * (narrow[above + i] >> 4)) >> 16) + ((far * (narrow[below + i] >> 4)) >> 16) + 2) >> 2;
    }
  });
  return out;
}

/** Weights of the near and the far neighbour. */
function parts(share) {
  return [round(Math.fround(1 - share) * WEIGHT_ONE), round(share * WEIGHT_ONE)];
}

/** Rows of weighted pixels are summed first, then columns, in OpenCV's single precision; one rounding at the end. */
function weigh(picture, part, columns, rows) {
  const { data, width: stride } = picture;
  const out = new Uint8Array(rows.length * columns.length * 3);
  const narrow = new Float32Array(part.height * columns.length * 3);
  for (let y = 0; y < part.height; y++) {
    const line = ((part.y + y) * stride + part.x) * 4;
    for (let x = 0; x < columns.length; x++) {
      let r = 0, g = 0, b = 0;
      for (const [s, weight] of columns[x]) {
        const at = line + s * 4;
        r = Math.fround(r + Math.fround(weight * data[at]));
        g = Math.fround(g + Math.fround(weight * data[at + 1]));
        b = Math.fround(b + Math.fround(weight * data[at + 2]));
      }
      narrow.set([r, g, b], (y * columns.length + x) * 3);
    }
  }
  const length = columns.length * 3;
  for (let y = 0; y < rows.length; y++) {
    for (let i = 0; i < length; i++) {
      let sum = 0;
      for (const [s, weight] of rows[y]) sum = Math.fround(sum + Math.fround(weight * narrow[s * length + i]));
      out[y * length + i] = Math.min(255, Math.max(0, round(sum)));
    }
  }
  return out;
}
