// What the page does for the lecture's own widgets: pictures, and what is around the controls.
//
// A picture is one model, and a move one message: a new picture, or of a diagram what has changed in it, and the words.
// A diagram is SVG whose parts have a data-id; a part with a data-name can be reached by keys, and says its name and
// its text.

function element(tag, name, parent) {
  const made = document.createElement(tag);
  made.className = name;
  parent.append(made);
  return made;
}

// The fonts of the diagrams are asked for once a page; until they are here the page's own stand in.
function askForFonts(model) {
  if (window.lectureFonts) return;
  window.lectureFonts = true;
  model.on("msg:custom", (message, buffers) => {
    if (message.kind !== "fonts") return;
    message.fonts.forEach(({ family, weight, style }, n) =>
      document.fonts.add(new FontFace(family, buffers[n], { weight, style })));
  });
  model.send({ kind: "fonts" });
}

// ---- a chart: what stands still is a picture, what moves lies over it; both change together
class Chart {
  constructor(model, place) {
    this.model = model;
    this.image = element("img", "lecture-picture", place);
    this.layer = element("div", "lecture-layer", place);
    this.layer.setAttribute("aria-hidden", "true");
  }

  show() {
    const still = this.model.get("png");
    if (still === this.still) {
      if (this.ready) this.draw();
      return;
    }
    const old = this.image.src;
    this.still = still;
    this.ready = false;
    this.image.src = URL.createObjectURL(new Blob([still], { type: "image/png" }));
    this.image.decode().catch(() => {}).finally(() => {
      if (still === this.still) {
        this.ready = true;
        this.draw();
      }
      if (old) URL.revokeObjectURL(old);
    });
  }

  draw() {
    const moves = this.model.get("layer");
    if (moves !== this.moves) this.layer.innerHTML = this.moves = moves;
  }

  end() {
    URL.revokeObjectURL(this.image.src);
  }
}

// ---- a diagram
const END = 20000; // data-when from here on: what is shown as the controls say, once the pass is over
const PLACES = /\{([^}]+)\}/g; // in a formula: {id} stands for the number of a part

class Diagram {
  constructor(model, place) {
    this.model = model;
    this.place = place;
    this.drawn = element("div", "lecture-drawn", place);
    this.formula = element("div", "lecture-formula", place);
    this.formula.setAttribute("role", "status");
    this.selected = model.get("selected");
    this.makePlayer();
    this.build();
    this.drawn.addEventListener("click", (event) => this.select(event.target.closest("[data-name]")));
    place.addEventListener("keydown", (event) => this.key(event));
    place.addEventListener("focusin", (event) => this.light(event.target.closest("[data-name]")));
    place.addEventListener("focusout", () => this.light(null));
    place.addEventListener("pointerover", (event) => this.light(event.target.closest("[data-name]")));
    place.addEventListener("pointerleave", () => this.light(null));
  }

  build() {
    const stood = this.place.contains(document.activeElement) ? document.activeElement.dataset.id : null;
    const before = this.middles();
    this.drawn.innerHTML = this.model.get("svg");
    this.svg = this.drawn.firstElementChild;
    this.svg.setAttribute("role", "group");
    this.parts = new Map([...this.svg.querySelectorAll("[data-id]")].map((part) => [part.dataset.id, part]));
    this.stops = [...this.svg.querySelectorAll("[data-name]")];
    this.shown = {};
    for (const part of this.stops) {
      part.setAttribute("role", part.dataset.set ? "button" : "img");
      part.setAttribute("tabindex", "-1");
      part.dataset.lmSuppressShortcuts = "true";
      this.say(part);
    }
    this.stop = this.parts.get(stood) || this.stops[0];
    if (this.stop) this.stop.setAttribute("tabindex", "0");
    if (stood && this.stop) this.stop.focus();
    this.formula.hidden = !this.stops.length;
    this.readTimes();
    this.light(null);
    this.glide(before);
  }

  // Where the parts that have a name of their own and can be seen have their middle, in units of the drawing.
  middles() {
    if (!this.svg) return new Map();
    const whole = this.svg.getBoundingClientRect(), unit = this.svg.viewBox.baseVal.width / whole.width;
    const seen = [...this.parts].filter(([id, part]) => id[0] !== "_" && part.getClientRects().length);
    return new Map(seen.map(([id, part]) => {
      const box = part.getBoundingClientRect();
      return [id, [(box.x + box.width / 2 - whole.x) * unit, (box.y + box.height / 2 - whole.y) * unit]];
    }));
  }

  // What stood elsewhere in the drawing before comes from there; parts of a group that moves go with it.
  glide(before) {
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    const moved = new Set();
    for (const [id, [x, y]] of this.middles()) {
      const part = this.parts.get(id), [u, v] = before.get(id) ?? [x, y];
      if (!moved.has(part.parentNode)) {
        if (Math.hypot(u - x, v - y) < 1) continue;
        const way = [`translate(${u - x}px, ${v - y}px)`, "none"];
        part.animate({ transform: way }, { duration: 300, easing: "ease-out" });
      }
      moved.add(part);
    }
  }

  // Everything that has changed since the SVG was sent; what already stands there is left alone.
  apply(patch) {
    for (const [id, attributes] of Object.entries(patch)) {
      const part = this.parts.get(id);
      const before = (this.shown[id] ??= {});
      for (const [name, value] of Object.entries(attributes)) {
        if (before[name] === value) continue;
        before[name] = value;
        if (name === "") part.innerHTML = value;
        else if (value === null) part.removeAttribute(name);
        else part.setAttribute(name, value);
      }
      const named = part.closest("[data-name]");
      if (named) this.say(named);
    }
    this.explain(this.parts.get(this.selected));
  }

  text(part) {
    return part.textContent.replaceAll("\u200b", "").trim();
  }

  say(part) {
    part.setAttribute("aria-label", this.named(part));
  }

  // One Tab stop a diagram; from there arrow keys go to the nearest part in their direction.
  key(event) {
    const from = event.target.closest("[data-name]");
    if (from && ["Enter", " ", "Escape"].includes(event.key)) {
      event.preventDefault();
      event.stopPropagation();
      this.select(event.key === "Escape" ? null : from);
    }
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!from || !step || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    const middle = (part) => {
      const box = part.getBoundingClientRect();
      return [box.x + box.width / 2, box.y + box.height / 2];
    };
    const [x, y] = middle(from);
    let best = null, least = Infinity;
    for (const part of this.stops) {
      if (part === from || !part.getClientRects().length) continue;
      const [u, v] = middle(part);
      const along = (u - x) * step[0] + (v - y) * step[1];
      const aside = Math.abs((u - x) * step[1] + (v - y) * step[0]);
      if (along > 1 && along + 3 * aside < least) [best, least] = [part, along + 3 * aside];
    }
    if (best) this.move(best);
  }

  // The part that is selected, or pointed at; what it is made of; where else it is drawn; what it depends on, how much.
  light(part) {
    for (const lit of this.svg.querySelectorAll(".lit, .source, .shaded"))
      lit.classList.remove("lit", "source", "shaded");
    const chosen = this.parts.get(this.selected);
    for (const one of [chosen, part]) {
      if (!one) continue;
      one.classList.add("lit");
      for (const [, id] of (one.dataset.formula || "").matchAll(PLACES)) this.parts.get(id).classList.add("source");
      if (one.dataset.kin)
        for (const same of this.svg.querySelectorAll(`[data-kin="${CSS.escape(one.dataset.kin)}"]`))
          same.classList.add("lit");
    }
    for (const [id, size] of this.depends(part || chosen)) {
      this.parts.get(id).classList.add("shaded");
      this.parts.get(id).style.setProperty("--shade", Math.min(size, 1));
    }
    this.explain(part || chosen);
  }

  // What a part depends on: [id, size of the derivative] of each.
  depends(part) {
    const words = part?.closest("[data-shade]")?.dataset.shade;
    return words ? words.split(" ").map((one) => one.split("=")) : [];
  }

  // How the part came about, with the numbers that stand in the diagram now.
  explain(part) {
    const filled = part?.dataset.formula?.replace(PLACES, (place, id, at, formula) => {
      const number = this.text(this.parts.get(id));
      const alone = formula[at - 1] === "(" && formula[at + place.length] === ")";
      return number.startsWith("\u2212") && !alone ? `(${number})` : number;
    });
    let words = part ? this.named(part, filled) : "";
    const sizes = this.depends(part).map(([id, size]) => `${this.parts.get(id).dataset.called} ${size}`);
    if (sizes.length) words += `\n${this.model.get("words").depends}: ${sizes.join(", ")}`;
    if (this.formula.textContent !== words) this.formula.textContent = words;
  }

  named(part, filled) {
    const text = this.text(part);
    return [part.dataset.name, filled, /\d/.test(text) ? text : ""].filter(Boolean).join(" = ");
  }

  select(part) {
    this.selected = part?.dataset.id ?? "";
    this.model.set("selected", this.selected);
    this.model.save_changes();
    if (part?.dataset.set) this.model.send({ kind: "touch", id: part.dataset.id });
    this.light(part);
    if (part) this.move(part);
  }

  // ---- the pass, played by the page alone: parts appear in the order of data-when, a pulse runs along each arrow
  makePlayer() {
    this.player = element("div", "lecture-player", this.place);
    this.player.setAttribute("role", "toolbar");
    const words = this.model.get("words");
    this.player.setAttribute("aria-label", words.pass);
    for (const [name, act] of [
      ["play", () => this.play()], ["back", () => this.step(-1)], ["forward", () => this.step(1)],
      ["whole", () => this.show(null)],
    ]) {
      const button = element("button", "jupyter-button widget-button", this.player);
      button.textContent = words[name];
      button.dataset.lmSuppressShortcuts = "true";
      button.addEventListener("click", () => {
        if (name !== "play") this.running = null;
        act();
      });
    }
    this.player.addEventListener("keydown", (event) => {
      const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!way) return;
      event.preventDefault();
      event.stopPropagation();
      this.running = null;
      this.step(way);
    });
  }

  readTimes() {
    this.timed = [...this.svg.querySelectorAll("[data-when]")];
    this.moments = [...new Set(this.timed.map((part) => Number(part.dataset.when)))].sort((a, b) => a - b);
    this.at = this.running = null;
    this.player.hidden = this.moments.length < 2;
  }

  // Everything up to a moment; null: what the controls say.
  show(at) {
    this.at = at;
    for (const part of this.timed) {
      const when = Number(part.dataset.when), reached = at === null || when <= this.moments[at];
      part.style.display = !reached ? "none" : at === null || when >= END ? "" : "inline";
    }
    const parts = at === null ? [] : this.reached(at);
    const all = parts.flatMap((part) => [part, ...part.querySelectorAll("[data-name]")]);
    this.light(all.find((part) => part.dataset.name) ?? null);
  }

  reached(at) {
    return this.timed.filter((part) => Number(part.dataset.when) === this.moments[at]);
  }

  // To the next moment at which a number appears.
  step(way) {
    let at = this.at ?? (way > 0 ? -1 : this.moments.length);
    do at += way;
    while (at > 0 && at < this.moments.length - 1 && !this.reached(at).some((part) => part.querySelector("text")));
    if (at >= 0 && at < this.moments.length) this.show(at);
  }

  async play() {
    if (this.running) return (this.running = null);
    const running = (this.running = {});
    const from = this.at === null || this.at === this.moments.length - 1 ? 0 : this.at + 1;
    for (let at = from; at < this.moments.length && this.running === running; at++) {
      this.show(at);
      await this.pulses(this.reached(at));
    }
    if (this.running === running) this.running = null;
  }

  pulses(parts) {
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const arrows = parts.filter((part) => part.querySelector("path") && !part.querySelector("text"));
    const runs = still ? [] : arrows.map((part) => {
      const points = part.querySelector("path").getAttribute("d").slice(1).split("L").map((one) => one.split(" "));
      const pulse = document.createElementNS(this.svg.namespaceURI, "circle");
      pulse.setAttribute("r", "7");
      pulse.setAttribute("fill", part.getAttribute("stroke"));
      part.append(pulse);
      const path = points.map(([x, y]) => ({ transform: `translate(${x}px, ${y}px)` }));
      return pulse.animate(path, { duration: 320, easing: "ease-in-out" }).finished.finally(() => pulse.remove());
    });
    const pause = parts.some((part) => part.querySelector("text")) ? 380 : 0;
    return Promise.allSettled([...runs, new Promise((done) => setTimeout(done, pause))]);
  }

  move(part) {
    this.stop.setAttribute("tabindex", "-1");
    this.stop = part;
    part.setAttribute("tabindex", "0");
    part.focus();
  }
}

// ---- a guess: the learner's own curve, which the page draws alone and tells once a stroke
class Sketch extends Diagram {
  constructor(model, place) {
    super(model, place);
    for (const name of ["commit", "reset"]) {
      const button = element("button", "jupyter-button widget-button", this.player);
      button.textContent = model.get("words")[name];
      button.dataset.lmSuppressShortcuts = "true";
      button.addEventListener("click", () => this.tell({ asks: name }));
    }
    this.drawn.addEventListener("pointerdown", (event) => {
      if (this.stroke || this.closed || event.button || event.target !== this.pad) return;
      event.preventDefault();
      this.drawn.setPointerCapture(event.pointerId);
      this.stroke = { pointer: event.pointerId };
      this.follow(event);
    });
    const own = (act) => (event) => event.pointerId === this.stroke?.pointer && act(event);
    this.drawn.addEventListener("pointermove", own((event) => this.follow(event)));
    const end = own(() => {
      this.move(this.points[this.stroke.n]);
      this.stroke = null;
      this.tell({ drawn: this.heights });
    });
    for (const name of ["pointerup", "pointercancel"]) this.drawn.addEventListener(name, end);
  }

  makePlayer() {
    this.player = element("div", "lecture-player", this.place); // commit and reset; nothing is played
  }

  readTimes() {}

  build() {
    super.build();
    this.stroke = null;
    this.pad = this.parts.get("pad");
    this.points = [...this.svg.querySelectorAll("[data-at]")];
    this.closed = "true" in this.points[0].dataset;
    const { low, high, step } = this.pad.dataset;
    [this.low, this.high, this.unit] = [low, high, step].map(Number);
    for (const point of this.points) {
      const said = { role: "slider", tabindex: "-1", "aria-label": point.dataset.at, "aria-orientation": "vertical",
        "aria-valuemin": low, "aria-valuemax": high, "aria-readonly": this.closed,
        "aria-description": this.closed ? "" : this.model.get("words").keys };
      for (const [name, value] of Object.entries(said)) point.setAttribute(name, value);
      point.dataset.lmSuppressShortcuts = "true";
    }
    this.stop ||= this.points[0];
    this.stop.setAttribute("tabindex", "0");
    this.sketch(this.model.get("drawn"));
  }

  apply(patch) {
    super.apply(patch);
    if (!this.stroke) this.sketch(this.model.get("drawn"));
  }

  tell(traits) {
    this.model.set(traits);
    this.model.save_changes();
  }

  // Where the curve is at point n: straight between points that are set, level before the first and after the last.
  height(n) {
    const set = [...this.heights.keys()].filter((k) => this.heights[k] !== null);
    if (!set.length) return (this.low + this.high) / 2;
    const left = set.findLast((k) => k <= n) ?? set[0], right = set.find((k) => k >= n) ?? set.at(-1);
    const share = left === right ? 0 : (n - left) / (right - left);
    return this.heights[left] + share * (this.heights[right] - this.heights[left]);
  }

  sketch(heights) {
    this.heights = heights;
    const place = (name) => Number(this.pad.getAttribute(name)), words = this.model.get("words");
    const path = this.points.map((point, n) => {
      const y = this.height(n), share = (this.high - y) / (this.high - this.low);
      point.setAttribute("cy", place("y") + share * place("height"));
      if (heights[n] === null) point.setAttribute("opacity", "0");
      else point.removeAttribute("opacity");
      const said = heights[n] === null ? words.unset : words.power + Number(y.toFixed(3));
      point.setAttribute("aria-valuenow", y);
      point.setAttribute("aria-valuetext", [said, point.dataset.true].filter(Boolean).join(", "));
      return `${point.getAttribute("cx")} ${point.getAttribute("cy")}`;
    });
    const curve = this.parts.get("drawn");
    curve.setAttribute("d", `M${path.join("L")}`);
    curve.style.display = heights.some((y) => y !== null) ? "inline" : "none";
  }

  // The heights with point n at y, on the grid of the steps.
  set(heights, n, y) {
    const snapped = this.low + Math.round((y - this.low) / this.unit) * this.unit;
    heights[n] = Math.min(Math.max(Number(snapped.toFixed(6)), this.low), this.high);
  }

  // The curve follows the pointer, also over the points between two of its places.
  follow(event) {
    const box = this.pad.getBoundingClientRect(), heights = [...this.heights];
    const share = (at, from, size) => Math.min(Math.max((at - from) / size, 0), 1);
    const n = Math.round(share(event.clientX, box.left, box.width) * (this.points.length - 1));
    const y = this.high - share(event.clientY, box.top, box.height) * (this.high - this.low);
    const { n: from = n, y: was = y } = this.stroke, way = Math.sign(n - from);
    for (let k = from + way; k !== n; k += way) this.set(heights, k, was + ((y - was) * (k - from)) / (n - from));
    this.set(heights, n, y);
    Object.assign(this.stroke, { n, y });
    this.sketch(heights);
  }

  key(event) {
    const n = this.points.indexOf(event.target), last = this.points.length - 1;
    const go = { ArrowLeft: n - 1, ArrowRight: n + 1, Home: 0, End: last }[event.key];
    const up = { ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[event.key];
    const mine = go !== undefined || up || event.key === "Enter";
    if (n < 0 || !mine || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    if (go !== undefined) this.move(this.points[Math.min(Math.max(go, 0), last)]);
    if (this.closed || go !== undefined) return;
    if (!up) return this.tell({ asks: "commit" });
    const heights = [...this.heights];
    this.set(heights, n, this.height(n) + up * this.unit);
    this.sketch(heights);
    this.tell({ drawn: heights });
  }
}

function render({ model, el }) {
  const pictures = element("div", "lecture-pictures", el);
  const place = element("div", "lecture-diagram", pictures);
  const charted = element("div", "lecture-chart", pictures);
  const caption = element("div", "lecture-caption", el);
  caption.setAttribute("role", "status");
  caption.setAttribute("aria-live", "polite");
  const says = element("div", "lecture-says", el);
  const line = element("pre", "lecture-line", el);
  line.tabIndex = 0;
  line.dataset.lmSuppressShortcuts = "true";
  const chart = model.get("png").byteLength ? new Chart(model, charted) : null;
  const Drawn = model.get("kind") === "sketch" ? Sketch : Diagram;
  const diagram = model.get("svg") ? new Drawn(model, place) : null;

  function show() {
    if (chart) {
      charted.style.width = `${model.get("width")}px`;
      chart.image.alt = model.get("alt");
      chart.show();
    }
    if (diagram) {
      place.style.width = `${model.get("wide")}px`;
      diagram.svg.setAttribute("aria-label", model.get("alt"));
      if (diagram.selected !== model.get("selected")) {
        diagram.selected = model.get("selected");
        diagram.light(null);
      }
      diagram.apply(model.get("patch"));
    }
    for (const [part, name] of [[caption, "caption"], [says, "says"], [line, "line"]])
      if (part.textContent !== model.get(name)) part.textContent = model.get(name);
  }

  // A kernel that began anew knows nothing of this picture: handles would move, and the numbers stand still.
  const gone = () => setTimeout(() => {
    if (!el.closest(".jupyter-widgets-disconnected")) return;
    caption.textContent = model.get("words").gone;
    says.textContent = line.textContent = "";
  });
  const rebuild = () => diagram.build();
  askForFonts(model);
  if (!chart) charted.remove();
  if (diagram) model.on("change:svg", rebuild);
  else place.remove();
  show();
  model.on("change", show);
  model.on("comm_live_update", gone);
  return () => {
    model.off("change:svg", rebuild);
    model.off("change", show);
    model.off("comm_live_update", gone);
    chart?.end();
  };
}

// ---- a widget as a whole
// Calls `begin` with the widget that holds the element, once it does; gives what calls it off.
function onceInside(el, begin) {
  const look = () => {
    const box = el.closest(".lecture");
    if (!box) return;
    watcher.disconnect();
    begin(box);
  };
  const watcher = new MutationObserver(look);
  watcher.observe(document, { childList: true, subtree: true });
  look();
  return () => watcher.disconnect();
}

// Names for the handles of sliders, and the focus for what asks for it: ipywidgets can give neither.
function tidies(box) {
  const tidy = () => {
    for (const handle of box.querySelectorAll(".noUi-handle:not([aria-label])")) {
      const label = handle.closest(".widget-vbox").querySelector("label")?.textContent;
      if (label) handle.setAttribute("aria-label", label);
    }
    for (const one of box.querySelectorAll("[data-takes-focus]")) {
      one.removeAttribute("data-takes-focus");
      one.focus();
    }
  };
  const watcher = new MutationObserver(tidy);
  watcher.observe(box, { childList: true, subtree: true });
  tidy();
  return () => watcher.disconnect();
}

// JupyterLab leaves the keys to what has the focus.
function keepsKeys(event) {
  event.target.dataset.lmSuppressShortcuts = "true";
}

// Where a heading stands in the notebook that is open; undefined where there is none.
function heightOf(id) {
  const headings = [...document.querySelectorAll(".jp-Notebook h2")];
  return headings.find((one) => (one.id || one.dataset.jupyterId) === id)?.getBoundingClientRect().top;
}

// A link to another notebook, opened in the same JupyterLab at the section; elsewhere it is a link like any other. A
// notebook that opens loses the section while its cells come in: it is asked for again once the heading stands still.
function opensBeside(event) {
  const link = event.target.closest("a[data-file]");
  const here = decodeURIComponent(location.pathname).split("/tree/")[1];
  if (!link || !here) return;
  const id = decodeURIComponent(link.hash.slice(1));
  const folder = here.slice(0, here.lastIndexOf("/") + 1);
  link.dataset.commandlinkerCommand = "rendermime:handle-local-link";
  link.dataset.commandlinkerArgs = JSON.stringify({ path: folder + link.dataset.file, id: `#${id}` });
  if (!event.isTrusted || heightOf(id) !== undefined) return;
  let before, still = 0, left = 300;
  const wait = () => {
    const now = heightOf(id);
    still = now !== undefined && now === before ? still + 1 : 0;
    before = now;
    if (still === 5) link.click();
    else if (left-- > 0) setTimeout(wait, 100);
  };
  wait();
}

function surrounds({ el }) {
  const ends = [];
  const cancel = onceInside(el, (box) => {
    box.addEventListener("focusin", keepsKeys);
    box.addEventListener("click", opensBeside);
    ends.push(tidies(box), () => box.removeEventListener("focusin", keepsKeys),
      () => box.removeEventListener("click", opensBeside));
  });
  return () => [cancel, ...ends].forEach((end) => end());
}

export default {
  render: (view) => (view.model.get("kind") === "page" ? surrounds(view) : render(view)),
};
