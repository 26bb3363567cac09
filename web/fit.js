// Bring a picture to the model's size exactly as `inference/images.py` does with OpenCV, so that scores are those of the server.
// A canvas would resize by rules of its own, which differ between browsers.

export const PAD_VALUE = 114;
const HALVED_FROM = 3;

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
  while (part.height >= HALVED_FROM * height && part.width >= HALVED_FROM * width) {
    picture = halved(picture, part);
    part = { x: 0, y: 0, width: picture.width, height: picture.height };
  }
  const shrinks = height < part.height || width < part.width;
  const bothShrink = height <= part.height && width <= part.width;
  const weights = shrinks && bothShrink ? areaWeights : shrinks ? emulatedAreaWeights : linearWeights;
  return weigh(picture, part, weights(part.width, width), weights(part.height, height));
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
    if (first - from > 1e-3) pixels.push([first - 1, (first - from) / cell]);
    for (let s = first; s < last; s++) pixels.push([s, 1 / cell]);
    if (to - last > 1e-3) pixels.push([last, Math.min(Math.min(to - last, 1), cell) / cell]);
    return pixels;
  });
}

/** INTER_AREA where one side shrinks and the other grows: OpenCV then takes two neighbours, weighted by covered length. */
function emulatedAreaWeights(source, target) {
  const scale = source / target;
  return Array.from({ length: target }, (_, i) => {
    const s = Math.floor(i * scale);
    const rest = i + 1 - ((s + 1) * target) / source;
    return neighbours(s, rest <= 0 ? 0 : rest - Math.floor(rest), source);
  });
}

/** INTER_LINEAR: two neighbours by distance, pixel centres at halves. */
function linearWeights(source, target) {
  const scale = source / target;
  return Array.from({ length: target }, (_, i) => {
    const place = (i + 0.5) * scale - 0.5;
    return neighbours(Math.floor(place), place - Math.floor(place), source);
  });
}

function neighbours(s, share, source) {
  if (s < 0) return [[0, 1]];
  if (s >= source - 1) return [[source - 1, 1]];
  return [[s, 1 - share], [s + 1, share]];
}

/** Rows of weighted pixels are summed first, then columns; one rounding at the end. */
function weigh(picture, part, columns, rows) {
  const { data, width: stride } = picture;
  const out = new Uint8Array(rows.length * columns.length * 3);
  const narrow = new Float64Array(part.height * columns.length * 3);
  for (let y = 0; y < part.height; y++) {
    const line = ((part.y + y) * stride + part.x) * 4;
    for (let x = 0; x < columns.length; x++) {
      let r = 0, g = 0, b = 0;
      for (const [s, weight] of columns[x]) {
        const at = line + s * 4;
        r += weight * data[at];
        g += weight * data[at + 1];
        b += weight * data[at + 2];
      }
      narrow.set([r, g, b], (y * columns.length + x) * 3);
    }
  }
  const length = columns.length * 3;
  for (let y = 0; y < rows.length; y++) {
    for (let i = 0; i < length; i++) {
      let sum = 0;
      for (const [s, weight] of rows[y]) sum += weight * narrow[s * length + i];
      out[y * length + i] = Math.min(255, Math.max(0, round(sum)));
    }
  }
  return out;
}
