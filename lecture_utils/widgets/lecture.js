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

// ---- a picture: the old one stands until the new one is ready, no blank frame in between
function showsPicture(model, image) {
  let address = null;
  const show = () => {
    const old = address;
    address = URL.createObjectURL(new Blob([model.get("png")], { type: "image/png" }));
    image.src = address;
    if (old) image.decode().catch(() => {}).finally(() => URL.revokeObjectURL(old));
  };
  return { show, end: () => URL.revokeObjectURL(address) };
}

// ---- a diagram
const PLACES = /\{([^}]+)\}/g; // in a formula: {id} stands for the number of a part

class Diagram {
  constructor(model, place) {
    this.model = model;
    this.place = place;
    this.drawn = element("div", "lecture-drawn", place);
    this.formula = element("div", "lecture-formula", place);
    this.formula.setAttribute("role", "status");
    this.selected = model.get("selected");
    this.build();
    place.addEventListener("click", (event) => this.select(event.target.closest("[data-name]")));
    place.addEventListener("keydown", (event) => this.key(event));
    place.addEventListener("focusin", (event) => this.light(event.target.closest("[data-name]")));
    place.addEventListener("focusout", () => this.light(null));
    place.addEventListener("pointerover", (event) => this.light(event.target.closest("[data-name]")));
    place.addEventListener("pointerleave", () => this.light(null));
  }

  build() {
    const stood = this.place.contains(document.activeElement) ? document.activeElement.dataset.id : null;
    this.drawn.innerHTML = this.model.get("svg");
    this.svg = this.drawn.firstElementChild;
    this.svg.setAttribute("role", "group");
    this.parts = new Map([...this.svg.querySelectorAll("[data-id]")].map((part) => [part.dataset.id, part]));
    this.named = [...this.svg.querySelectorAll("[data-name]")];
    this.shown = {};
    for (const part of this.named) {
      part.setAttribute("role", "img");
      part.setAttribute("tabindex", "-1");
      part.dataset.lmSuppressShortcuts = "true";
      this.say(part);
    }
    this.stop = this.parts.get(stood) || this.named[0];
    if (this.stop) this.stop.setAttribute("tabindex", "0");
    if (stood && this.stop) this.stop.focus();
    this.formula.hidden = !this.svg.querySelector("[data-formula]");
    this.light(null);
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
    part.setAttribute("aria-label", `${part.dataset.name} = ${this.text(part)}`);
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
    for (const part of this.named) {
      if (part === from || !part.getClientRects().length) continue;
      const [u, v] = middle(part);
      const along = (u - x) * step[0] + (v - y) * step[1];
      const aside = Math.abs((u - x) * step[1] + (v - y) * step[0]);
      if (along > 1 && along + 3 * aside < least) [best, least] = [part, along + 3 * aside];
    }
    if (best) this.move(best);
  }

  // The part that is selected, or pointed at, and what it is made of.
  light(part) {
    for (const lit of this.svg.querySelectorAll(".lit, .source")) lit.classList.remove("lit", "source");
    const chosen = this.parts.get(this.selected);
    for (const one of [chosen, part]) {
      if (!one) continue;
      one.classList.add("lit");
      for (const [, id] of (one.dataset.formula || "").matchAll(PLACES)) this.parts.get(id).classList.add("source");
    }
    this.explain(part || chosen);
  }

  // How the part came about, with the numbers that stand in the diagram now.
  explain(part) {
    const filled = part?.dataset.formula?.replace(PLACES, (_, id) => {
      const number = this.text(this.parts.get(id));
      return number.startsWith("\u2212") ? `(${number})` : number;
    });
    const words = part ? [part.dataset.name, filled, this.text(part)].filter(Boolean).join(" = ") : "";
    if (this.formula.textContent !== words) this.formula.textContent = words;
  }

  select(part) {
    this.selected = part?.dataset.id ?? "";
    this.model.set("selected", this.selected);
    this.model.save_changes();
    this.light(part);
    if (part) this.move(part);
  }

  move(part) {
    this.stop.setAttribute("tabindex", "-1");
    this.stop = part;
    part.setAttribute("tabindex", "0");
    part.focus();
  }
}

function render({ model, el }) {
  const pictures = element("div", "lecture-pictures", el);
  const place = element("div", "lecture-diagram", pictures);
  const image = element("img", "lecture-picture", pictures);
  const caption = element("div", "lecture-caption", el);
  caption.setAttribute("role", "status");
  caption.setAttribute("aria-live", "polite");
  const says = element("div", "lecture-says", el);
  const line = element("pre", "lecture-line", el);
  line.tabIndex = 0;
  line.dataset.lmSuppressShortcuts = "true";
  const picture = model.get("png").byteLength ? showsPicture(model, image) : null;
  const diagram = model.get("svg") ? new Diagram(model, place) : null;

  function show() {
    image.style.width = `${model.get("width")}px`;
    image.alt = model.get("alt");
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

  const redraw = () => picture.show();
  const rebuild = () => diagram.build();
  if (picture) {
    picture.show();
    model.on("change:png", redraw);
  } else image.remove();
  if (diagram) {
    askForFonts(model);
    model.on("change:svg", rebuild);
  } else place.remove();
  show();
  model.on("change", show);
  return () => {
    model.off("change:png", redraw);
    model.off("change:svg", rebuild);
    model.off("change", show);
    picture?.end();
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
