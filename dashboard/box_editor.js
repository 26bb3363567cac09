// The page's part of dashboard/box_editor.py. Gradio hands in element, props, trigger and watch.
// props.value: boxes [[x0, y0, x1, y1], ...] in pixels of the still; props.picture, width, height, kind, words come from Python.
const root = element.querySelector(".taido-editor");
const SMALLEST = 8, HANDLE_KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
let boxes = [], chosen = -1, action = null, past = [];

const word = (key, values = {}) =>
  Object.entries(values).reduce((text, [name, value]) => text.replaceAll(`{${name}}`, value), props.words[key] ?? key);
const copy = (list) => list.map((box) => [...box]);
const within = (value, least, most) => Math.min(Math.max(value, least), most);
const rounded = (box) => box.map((side) => Math.round(side * 10) / 10);

function make(tag, attributes, parent) {
  const node = document.createElement(tag);
  Object.entries(attributes).forEach(([name, value]) =>
    name === "textContent" ? (node.textContent = value) : node.setAttribute(name, value));
  parent.append(node);
  return node;
}

function smallest() { return Math.min(SMALLEST, props.width / 4, props.height / 4); }

function place(node, box) {
  node.style.left = `${(100 * box[0]) / props.width}%`;
  node.style.top = `${(100 * box[1]) / props.height}%`;
  node.style.width = `${(100 * (box[2] - box[0])) / props.width}%`;
  node.style.height = `${(100 * (box[3] - box[1])) / props.height}%`;
}

function named(index) {
  const [x0, y0, x1, y1] = boxes[index].map(Math.round);
  return word(props.kind === "mask" ? "editor_mask" : "editor_seat", { number: index + 1, x0, y0, x1, y1 });
}

function build() {
  root.replaceChildren();
  root.hidden = !props.picture;
  if (root.hidden) return;
  const stage = make("div", { class: "stage" }, root);
  make("img", { src: props.picture, alt: word("editor_still"), draggable: "false" }, stage);
  make("div", { class: `layer ${props.kind}`, role: "group", "aria-label": word("editor_boxes") }, stage);
  const bar = make("div", { class: "bar", role: "toolbar", "aria-label": word("editor_tools") }, root);
  for (const name of ["add", "delete", "earlier", "later", "undo"])
    make("button", { type: "button", "data-do": name, textContent: word(`editor_${name}`) }, bar);
  make("p", { class: "said", "aria-live": "polite" }, root);
  draw();
}

function draw() {
  const layer = root.querySelector(".layer");
  if (!layer) return;
  layer.replaceChildren();
  boxes.forEach((box, index) => {
    const node = make("button", { type: "button", class: "box", "data-box": index, "aria-label": named(index),
      "aria-pressed": String(index === chosen) }, layer);
    make("span", { "aria-hidden": "true", class: "number", textContent: index + 1 }, node);
    for (const corner of ["nw", "se"]) make("i", { "data-corner": corner }, node);
    place(node, box);
  });
  say();
  root.querySelector("[data-do=delete]").disabled = chosen < 0;
  root.querySelector("[data-do=earlier]").disabled = chosen < 1;
  root.querySelector("[data-do=later]").disabled = chosen < 0 || chosen >= boxes.length - 1;
  root.querySelector("[data-do=undo]").disabled = !past.length;
}

function say() {
  root.querySelector(".said").textContent = chosen < 0 ? word("editor_help") : named(chosen);
}

function remember() { past = [...past.slice(-49), copy(boxes)]; }

function commit(focus = true) {
  boxes = boxes.map(rounded);
  props.value = copy(boxes);
  draw();
  if (focus && chosen >= 0) root.querySelector(`[data-box="${chosen}"]`)?.focus({ preventScroll: true });
  trigger("input");
}

function move(box, dx, dy) {
  dx = within(dx, -box[0], props.width - box[2]);
  dy = within(dy, -box[1], props.height - box[3]);
  return [box[0] + dx, box[1] + dy, box[2] + dx, box[3] + dy];
}

function stretch(box, corner, dx, dy) {
  const [x0, y0, x1, y1] = box, least = smallest();
  return corner === "nw"
    ? [within(x0 + dx, 0, x1 - least), within(y0 + dy, 0, y1 - least), x1, y1]
    : [x0, y0, within(x1 + dx, x0 + least, props.width), within(y1 + dy, y0 + least, props.height)];
}

function point(event) {
  const frame = root.querySelector(".stage").getBoundingClientRect();
  return [within(((event.clientX - frame.left) * props.width) / frame.width, 0, props.width),
    within(((event.clientY - frame.top) * props.height) / frame.height, 0, props.height)];
}

root.addEventListener("pointerdown", (event) => {
  const stage = event.target.closest(".stage");
  if (!stage || event.button !== 0) return;
  event.preventDefault();
  const node = event.target.closest(".box"), start = point(event);
  if (node) {
    chosen = Number(node.dataset.box);
    action = { what: event.target.dataset.corner ?? "move", start, box: [...boxes[chosen]], before: copy(boxes) };
    draw();
    root.querySelector(`[data-box="${chosen}"]`).focus({ preventScroll: true });
  } else action = { what: "new", start, before: copy(boxes) };
  stage.setPointerCapture(event.pointerId);
});

root.addEventListener("pointermove", (event) => {
  if (!action) return;
  const [x, y] = point(event), [sx, sy] = action.start;
  if (action.what === "new") {
    if (!action.begun) {
      if (Math.abs(x - sx) < smallest() || Math.abs(y - sy) < smallest()) return;
      action.begun = true;
      chosen = boxes.push([sx, sy, x, y]) - 1;
      draw();
    }
    boxes[chosen] = [Math.min(x, sx), Math.min(y, sy), Math.max(x, sx), Math.max(y, sy)];
    boxes[chosen] = stretch(boxes[chosen], "se", 0, 0);
  } else boxes[chosen] = action.what === "move" ? move(action.box, x - sx, y - sy) : stretch(action.box, action.what, x - sx, y - sy);
  place(root.querySelector(`[data-box="${chosen}"]`), boxes[chosen]);
});

for (const end of ["pointerup", "pointercancel"]) root.addEventListener(end, () => {
  if (!action) return;
  const { before, what, begun } = action;
  action = null;
  if (what === "new" && !begun) { chosen = -1; draw(); return; }
  if (JSON.stringify(before) === JSON.stringify(boxes)) return;
  past = [...past.slice(-49), before];
  commit();
});

const actions = {
  add() {
    remember();
    const w = props.width / 8, h = props.height / 6, x = (props.width - w) / 2, y = (props.height - h) / 2;
    const shift = ((boxes.length % 7) - 3) * (w / 2);
    chosen = boxes.push(move([x, y, x + w, y + h], shift, 0)) - 1;
    commit();
  },
  delete() {
    if (chosen < 0) return;
    remember();
    boxes.splice(chosen, 1);
    chosen = Math.min(chosen, boxes.length - 1);
    commit();
  },
  earlier() { swap(-1); },
  later() { swap(1); },
  undo() {
    if (!past.length) return;
    boxes = past.pop();
    chosen = -1;
    commit(false);
  },
};

function swap(by) {
  const other = chosen + by;
  if (chosen < 0 || other < 0 || other >= boxes.length) return;
  remember();
  [boxes[chosen], boxes[other]] = [boxes[other], boxes[chosen]];
  chosen = other;
  commit(false);
}

root.addEventListener("click", (event) => {
  const name = event.target.closest("[data-do]")?.dataset.do;
  if (name) actions[name]();
});

root.addEventListener("focusin", (event) => {
  const node = event.target.closest(".box");
  if (!node || action || Number(node.dataset.box) === chosen) return;
  chosen = Number(node.dataset.box);
  root.querySelectorAll(".box").forEach((box) => box.setAttribute("aria-pressed", String(box === node)));
  say();
  root.querySelector("[data-do=delete]").disabled = false;
  root.querySelector("[data-do=earlier]").disabled = chosen < 1;
  root.querySelector("[data-do=later]").disabled = chosen >= boxes.length - 1;
});

root.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "z") { event.preventDefault(); actions.undo(); return; }
  if (!event.target.closest(".box") || chosen < 0) return;
  const way = HANDLE_KEYS[event.key], step = Math.max(1, props.width / 200);
  if (way) {
    event.preventDefault();
    remember();
    boxes[chosen] = event.shiftKey
      ? stretch(boxes[chosen], "se", way[0] * step, way[1] * step) : move(boxes[chosen], way[0] * step, way[1] * step);
    commit();
  } else if (event.key === "Delete" || event.key === "Backspace") { event.preventDefault(); actions.delete(); }
});

function load() {
  const given = copy(props.value ?? []);
  if (JSON.stringify(given) === JSON.stringify(boxes) && root.querySelector(".stage")) return;
  boxes = given; chosen = -1; past = [];
  build();
}

watch(["value"], load);
watch(["picture", "kind", "words"], () => { boxes = copy(props.value ?? []); chosen = -1; past = []; build(); });
load();
build();
