// What the page of bench/latency.py measures by itself: runs in the page before anything else.
(() => {
  const bench = (window.bench = { bytes: 0, heard: 0, blobs: new Map(), draws: 0 });
  const now = () => performance.now();
  const wait = ms => new Promise(done => setTimeout(done, ms));

  // Bytes over websockets, both ways, and when the last message went by.
  const encoder = new TextEncoder();
  const count = data => {
    bench.bytes += typeof data === 'string' ? encoder.encode(data).length : (data.byteLength ?? data.size);
    bench.heard = now();
  };
  const Socket = window.WebSocket;
  window.WebSocket = class extends Socket {
    constructor(...given) {
      super(...given);
      this.addEventListener('message', event => count(event.data));
    }
    send(data) {
      count(data);
      super.send(data);
    }
  };

  // The bytes behind blob: addresses, so that a new address of the same picture is not taken for a new picture.
  const create = URL.createObjectURL.bind(URL);
  URL.createObjectURL = object => {
    const address = create(object);
    bench.blobs.set(address, object);
    if (bench.blobs.size > 300) bench.blobs.delete(bench.blobs.keys().next().value);
    return address;
  };

  // ipympl draws into a canvas of the page.
  const draw = CanvasRenderingContext2D.prototype.drawImage;
  CanvasRenderingContext2D.prototype.drawImage = function (...given) {
    if (this.canvas.isConnected && this.canvas.closest('.bench-ipympl')) bench.draws += 1;
    return draw.apply(this, given);
  };

  const hash = numbers => {
    let sum = 0;
    for (let i = 0; i < numbers.length; i++) sum = (Math.imul(sum, 31) + numbers[i]) | 0;
    return `${numbers.length}:${sum}`;
  };

  // What is shown: `find` gives its element, `mark` something that changes when it may have changed, `blank` whether
  // nothing is to be seen. While an img loads its next picture it is not complete and may tell the width 0, but Chromium
  // still shows the last one (seen in its screencast): such a frame counts as `unready`, and as blank only if this img
  // has shown nothing before.
  const image = element => element && element.complete && element.naturalWidth > 0;
  const filled = new WeakSet();
  const empty = element => {
    if (image(element)) filled.add(element);
    return !element || element.clientHeight === 0 || (!image(element) && (element.complete || !filled.has(element)));
  };
  const picture = selector => ({
    find: box => box.querySelector(selector),
    mark: element => (image(element) ? element.src : null),
    blank: empty,
    unready: element => !image(element),
  });
  const KINDS = {
    text: { find: box => box.querySelector('.bench-text'), mark: element => element.innerText, blank: () => false },
    lecture: {  // a chart, a diagram or both
      find: box => box.querySelector('.lecture-pictures'),
      mark: element => {
        const chart = element.querySelector('img'), drawn = element.querySelector('.lecture-drawn');
        if (chart && !image(chart)) return null;
        const moves = element.querySelector('.lecture-layer')?.innerHTML;
        return (drawn?.innerHTML ?? '') + (chart?.src ?? '') + (moves ?? '');
      },
      blank: element => !element || [...element.querySelectorAll('img')].some(empty) || element.clientHeight === 0,
      unready: element => [...element.querySelectorAll('img')].some(chart => !image(chart)),
    },
    inline: picture('.jp-RenderedImage img'),
    canvas: {
      find: box => [...box.querySelectorAll('canvas')].sort((a, b) => b.width * b.height - a.width * a.height)[0],
      mark: () => `draw ${bench.draws}`,
      blank: element => !element || element.width === 0,
      content: element => {
        const { data } = element.getContext('2d').getImageData(0, 0, element.width, element.height);
        return hash(new Uint32Array(data.buffer));
      },
    },
  };
  const content = async mark => {
    const blob = bench.blobs.get(mark);
    return blob ? hash(new Uint8Array(await blob.arrayBuffer())) : mark;
  };

  bench.kind = name => KINDS[name];
  bench.ready = (root, kind) => {
    const box = document.querySelector(root), { find, mark, blank } = KINDS[kind];
    const element = box && find(box);
    return Boolean(element) && mark(element) !== null && !blank(element);
  };

  // Looks at every animation frame, from now until `finish`. A change is timed at the frame after the one that found it
  // complete: by then it is decoded and drawn (this agrees with Chromium's own Element Timing).
  bench.watch = async (root, kind, handle) => {
    const box = document.querySelector(root), { find, mark, blank, unready, content: seen } = KINDS[kind];
    const slider = document.querySelector(handle);
    slider.dataset.lmSuppressShortcuts = 'true';
    slider.focus({ preventScroll: true });
    const position = () => slider.value ?? slider.parentElement.style.transform;
    const shown = find(box), last = mark(shown);
    const watched = (bench.watched = {
      changes: [], blank: 0, unready: 0, moves: 0, pressed: null, released: null, stopped: false,
      before: seen ? seen(shown) : await content(last), at: position(),
    });
    watched.slider = slider;
    const start = event => (watched.pressed ??= (watched.moves = 0) || now());
    const end = () => (watched.released = now());
    const listen = { capture: true, once: true };
    document.addEventListener('keydown', start, listen);
    document.addEventListener('pointerdown', start, listen);
    document.addEventListener('pointerup', end, listen);
    let known = last, pending = [], place = watched.at;
    const look = () => {
      for (const change of pending) {
        change.time = now();
        if (seen) change.content = seen(find(box));
      }
      pending = [];
      const element = find(box);
      if (blank(element)) watched.blank += 1;
      if (unready?.(element)) watched.unready += 1;
      if (position() !== place) {
        place = position();
        watched.moves += 1;
      }
      const found = element ? mark(element) : null;
      if (found !== null && found !== known) {
        known = found;
        pending = [{ mark: found, time: null }];
        watched.changes.push(pending[0]);
      }
      if (watched.stopped) {
        document.removeEventListener('keydown', start, listen);
        document.removeEventListener('pointerdown', start, listen);
        document.removeEventListener('pointerup', end, listen);
      } else requestAnimationFrame(look);
    };
    bench.bytes = 0;
    requestAnimationFrame(look);
  };

  // Waits until the kernel is idle and nothing has come for `quiet` ms (four times that if the picture has not changed),
  // or `patience` ms are over; says what it saw.
  bench.finish = async (patience, quiet) => {
    const watched = bench.watched, since = now();
    const idle = () => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'idle';
    let real = [];
    for (;;) {
      await wait(30);
      real = [];
      let last = watched.before;
      for (const change of watched.changes.filter(change => change.time !== null)) {
        change.content ??= await content(change.mark);
        if (change.content !== last) real.push(change.time);
        last = change.content;
      }
      const last_sign = Math.max(since, bench.heard, ...watched.changes.map(change => change.time ?? now()));
      if (idle() && now() - last_sign > (real.length ? quiet : 4 * quiet)) break;
      if (now() - since > patience) break;
    }
    watched.stopped = true;
    const { pressed, released, blank, unready, moves, changes } = watched;
    return { pressed, released, blank, unready, moves, times: real, shown: changes.length, bytes: bench.bytes };
  };
})();
