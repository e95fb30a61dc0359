// What the page does for the lecture's own widgets. One model, one message: a move sends the new picture with its words.

function element(tag, name, parent) {
  const made = document.createElement(tag);
  made.className = name;
  parent.append(made);
  return made;
}

function render({ model, el }) {
  const image = element("img", "lecture-picture", el);
  const caption = element("div", "lecture-caption", el);
  caption.setAttribute("role", "status");
  caption.setAttribute("aria-live", "polite");
  const says = element("div", "lecture-says", el);
  const line = element("pre", "lecture-line", el);
  line.tabIndex = 0;
  line.dataset.lmSuppressShortcuts = "true";
  let address = null;

  // The old picture stands until the new one is ready: no blank frame in between.
  function showPicture() {
    const old = address;
    address = URL.createObjectURL(new Blob([model.get("png")], { type: "image/png" }));
    image.src = address;
    if (old) image.decode().catch(() => {}).finally(() => URL.revokeObjectURL(old));
  }

  function show() {
    image.style.width = `${model.get("width")}px`;
    image.alt = model.get("alt");
    for (const [part, name] of [[caption, "caption"], [says, "says"], [line, "line"]])
      if (part.textContent !== model.get(name)) part.textContent = model.get(name);
  }

  showPicture();
  show();
  model.on("change:png", showPicture);
  model.on("change", show);
  return () => {
    model.off("change:png", showPicture);
    model.off("change", show);
    URL.revokeObjectURL(address);
  };
}

export default { render };
