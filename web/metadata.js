// The fact sheet out of the ONNX file itself: class names, input size and resize rule have no other source.
// An ONNX file is one protobuf message, ModelProto; its field 14 repeats {1: key, 2: value}.

export const METADATA_KEY = "taido_spec";
const METADATA_PROPS = 14;
const VARINT = 0, FIXED64 = 1, BYTES = 2, FIXED32 = 5;

/** Bytes of an ONNX file -> the fact sheet as an object. Throws an Error for a file that is none, or is not ours. */
export function factSheet(bytes) {
  for (const [field, value] of fields(bytes)) {
    if (field !== METADATA_PROPS) continue;
    const entry = new Map(fields(value));
    if (text(entry.get(1)) === METADATA_KEY) return JSON.parse(text(entry.get(2)));
  }
  throw new Error(`The model has no Taido fact sheet (metadata ${METADATA_KEY}). Use a file written by python -m export.`);
}

function text(bytes) {
  return new TextDecoder().decode(bytes ?? new Uint8Array());
}

/** Field numbers and, where they are bytes, values of one message; values of other kinds are passed over. */
function* fields(bytes) {
  let at = 0;
  const varint = () => {
    let value = 0, factor = 1;
    for (;;) {
      if (at >= bytes.length) throw new Error("The model file is cut short. Load it again.");
      const byte = bytes[at++];
      value += (byte & 127) * factor;
      if (byte < 128) return value;
      factor *= 128;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const kind = tag % 8;
    let value;
    if (kind === VARINT) varint();
    else if (kind === FIXED64) at += 8;
    else if (kind === FIXED32) at += 4;
    else if (kind === BYTES) {
      const length = varint();
      value = bytes.subarray(at, at + length);
      at += length;
    } else throw new Error("The model file is not ONNX, or damaged. Load it again.");
    yield [Math.floor(tag / 8), value];
  }
}
