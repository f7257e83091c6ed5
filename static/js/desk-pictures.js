/* The evidence of a case, large: links with data-shot (image | video | file) inside data-gallery open in <dialog id="lightbox">
   instead of on a page of their own. Beside the picture stands the panel its link names (data-panel), lent by its popover.

   ← → another picture · + − 0 size · wheel and two fingers too · r turn · f shows the fault · Esc close */

"use strict";

(() => {
  const LARGEST = 8;
  const SAVE_AFTER = 700;
  let shots = [];
  let shown = 0;
  let lent = null;
  let view = null;
  let saving = 0;
  let goOnWith = null; // where the hand goes when the viewer closes, if not back to the picture
  const asked = new Map(); // what was done to a picture whose panel, which keeps it, is still to come: by panel
  let toEnclose = null;
  let again = null; // the panel of the picture to open once more, after a form of it was sent in place

  const viewer = () => document.getElementById("lightbox");
  const part = (name) => viewer().querySelector(`[data-shot-${name}]`);

  /* One picture: how large, where, and which way up. Its own turn is kept by the desk, size and place are not. */
  class View {
    constructor(image, rotation) {
      [this.image, this.rotation, this.scale, this.x, this.y] = [image, rotation, 1, 0, 0];
      this.fingers = new Map();
      const stage = image.parentElement;
      this.watch = new ResizeObserver(() => this.draw());
      this.watch.observe(stage);
      image.addEventListener("load", () => this.draw());
      image.addEventListener("error", () => {
        stage.textContent = viewer().dataset.failed;
      });
      stage.onwheel = (event) => {
        event.preventDefault();
        this.zoom(Math.exp(-event.deltaY / 400), event);
      };
      stage.ondblclick = (event) => this.zoom(this.scale > 1 ? 1 / this.scale : 2.5, event);
      stage.onpointerdown = (event) => this.press(event);
      stage.onpointermove = (event) => this.drag(event);
      stage.onpointerup = stage.onpointercancel = (event) => this.fingers.delete(event.pointerId);
    }

    get fit() {
      const { clientWidth, clientHeight } = this.image.parentElement;
      const { naturalWidth: width, naturalHeight: height } = this.image;
      const [across, up] = this.rotation % 180 ? [height, width] : [width, height];
      return across ? Math.min(clientWidth / across, clientHeight / up, 2) : 1;
    }

    draw() {
      const { image } = this;
      if (!image.isConnected) return; // it came when somebody had gone on already
      const fit = this.fit;
      const stage = image.parentElement;
      image.style.width = `${image.naturalWidth * fit}px`;
      image.style.height = `${image.naturalHeight * fit}px`;
      // What is larger than the stage may be moved as far as its edge; what is smaller stays in the middle.
      const [across, up] = this.rotation % 180 ? [image.naturalHeight, image.naturalWidth] : [image.naturalWidth, image.naturalHeight];
      const room = (whole, of) => Math.max((whole * fit * this.scale - of) / 2, 0);
      const [right, down] = [room(across, stage.clientWidth), room(up, stage.clientHeight)];
      this.x = Math.min(Math.max(this.x, -right), right);
      this.y = Math.min(Math.max(this.y, -down), down);
      image.style.transform = `translate(-50%, -50%) translate(${this.x}px, ${this.y}px) rotate(${this.rotation}deg) scale(${this.scale})`;
      stage.classList.toggle("is-zoomed", this.scale > 1);
      part("scale").textContent = `${Math.round(this.scale * 100)} %`;
    }

    /* Larger or smaller round the point the eye is on. */
    zoom(by, at = null) {
      const stage = this.image.parentElement.getBoundingClientRect();
      const before = this.scale;
      this.scale = Math.min(Math.max(before * by, 1), LARGEST);
      const grown = this.scale / before;
      const [x, y] = at ? [at.clientX - stage.left - stage.width / 2, at.clientY - stage.top - stage.height / 2] : [0, 0];
      this.x = x - (x - this.x) * grown;
      this.y = y - (y - this.y) * grown;
      this.draw();
    }

    turn() {
      this.rotation = (this.rotation + 90) % 360;
      [this.x, this.y] = [0, 0];
      this.draw();
    }

    press(event) {
      if (event.button > 0) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      this.fingers.set(event.pointerId, event);
    }

    drag(event) {
      const before = this.fingers.get(event.pointerId);
      if (!before) return;
      const [other] = [...this.fingers.values()].filter((one) => one.pointerId !== event.pointerId);
      this.fingers.set(event.pointerId, event);
      if (other) {
        const apart = (one) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
        const middle = { clientX: (event.clientX + other.clientX) / 2, clientY: (event.clientY + other.clientY) / 2 };
        this.zoom(apart(event) / Math.max(apart(before), 1), middle);
        return;
      }
      this.x += event.clientX - before.clientX;
      this.y += event.clientY - before.clientY;
      this.draw();
    }
  }

  function giveBack() {
    if (lent) document.getElementById(lent.dataset.panelOf)?.append(lent);
    lent = null;
  }

  function fill(shot) {
    const place = part("main");
    place.className = "lightbox-main";
    for (const name of ["onwheel", "ondblclick", "onpointerdown", "onpointermove"]) place[name] = null;
    view?.watch.disconnect();
    view = null;
    if (shot.dataset.shot === "video") {
      const video = document.createElement("video");
      [video.src, video.controls, video.preload] = [shot.href, true, "metadata"];
      const poster = shot.querySelector("img");
      if (poster) video.poster = poster.src;
      place.replaceChildren(video);
    } else if (shot.dataset.shot === "image") {
      const image = new Image();
      image.alt = shot.dataset.name;
      image.draggable = false;
      place.replaceChildren(image);
      view = new View(image, Number(shot.dataset.rotation));
      image.src = shot.href;
    } else {
      const words = shot.querySelector(".shot-words").cloneNode(true);
      place.replaceChildren(words);
    }
  }

  function show(number) {
    giveBack();
    save.now();
    shown = (number + shots.length) % shots.length;
    const shot = shots[shown];
    fill(shot);
    viewer().querySelector("#lightbox-name").textContent = shot.dataset.name;
    part("count").textContent = `${shown + 1} / ${shots.length}`;
    part("open").href = shot.href;
    viewer().querySelector("[data-picture-tools]").hidden = !view;
    for (const step of viewer().querySelectorAll("[data-shot-step]")) step.hidden = shots.length < 2;
    lent = document.getElementById(shot.dataset.panel).firstElementChild;
    part("aside").replaceChildren(lent);
    part("aside").scrollTop = 0;
    if (lent.matches("[data-panel-wanted]")) window.htmx?.trigger(lent, "wanted");
  }

  function open(shot) {
    shots = [...shot.closest("[data-gallery]").querySelectorAll("[data-shot]")];
    show(shots.indexOf(shot));
    if (!viewer().open) viewer().showModal();
    viewer().querySelector("#lightbox-name").focus();
  }

  /* A turn is seen at once, and kept when the hand has come to rest. */
  const save = {
    form: null,
    later(form, rotation) {
      clearTimeout(saving);
      form.querySelector("[name=rotation]").value = rotation;
      this.form = form;
      saving = setTimeout(() => this.now(), SAVE_AFTER);
    },
    now() {
      clearTimeout(saving);
      const form = this.form;
      this.form = null;
      if (!form) return;
      fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual", keepalive: true }).then((answer) => {
        // A redirect says that it is kept. Anything else is a page with the reason, for instance of a log-in.
        if (answer.type !== "opaqueredirect" && answer.status !== 422) window.location.reload();
      });
    },
  };

  function askLater(wish) {
    asked.set(lent.dataset.panelOf, { ...asked.get(lent.dataset.panelOf), ...wish });
  }

  function turn() {
    if (!view) return;
    view.turn();
    const shot = shots[shown];
    shot.dataset.rotation = view.rotation;
    const image = shot.querySelector("img");
    if (image) image.className = view.rotation ? `is-turned-${view.rotation}` : "";
    const form = lent.querySelector("[data-turn]");
    if (form) save.later(form, view.rotation);
    else askLater({ rotation: view.rotation });
  }

  /* The pictures to be sent along are fetched with the first opening of the composer: one asked for before waits. */
  function tick() {
    const box = document.querySelector(`[data-key-reply] [name=enclosed][value="${toEnclose}"]`);
    if (!box) return;
    toEnclose = null;
    box.closest("details").open = box.checked = true;
  }

  function enclose(link) {
    const composer = document.querySelector("[data-key-reply]");
    if (!composer) return;
    composer.open = true;
    toEnclose = link.dataset.enclose;
    tick();
    goOnWith = composer.querySelector("textarea");
    if (viewer().open) viewer().close();
    goOnWith.focus();
  }

  document.addEventListener("click", (event) => {
    const plain = !event.ctrlKey && !event.metaKey && !event.shiftKey;
    const named = event.target.closest("[data-shot-of]");
    const shot = named
      ? document.querySelector(`[data-panel="${named.dataset.shotOf}"]`)
      : event.target.closest("[data-gallery] [data-shot]");
    if (shot && plain) {
      event.preventDefault();
      open(shot);
      return;
    }
    const link = event.target.closest("[data-enclose]");
    if (link && plain) {
      event.preventDefault();
      enclose(link);
      return;
    }
    const stepper = event.target.closest("[data-shot-step]");
    if (stepper) show(shown + Number(stepper.dataset.shotStep));
    const zoom = event.target.closest("[data-shot-zoom]");
    if (zoom) view?.zoom(zoom.dataset.shotZoom === "in" ? 1.5 : 1 / 1.5);
    if (event.target.closest("[data-shot-turn]")) turn();
  });

  /* A video must not go on talking behind a closed viewer. */
  document.addEventListener(
    "close",
    (event) => {
      if (event.target.id !== "lightbox") return;
      save.now();
      giveBack();
      part("main").replaceChildren();
      view?.watch.disconnect();
      view = null;
      (goOnWith || shots[shown])?.focus();
      goOnWith = null;
    },
    true,
  );

  const KEYS = {
    ArrowLeft: () => show(shown - 1),
    ArrowRight: () => show(shown + 1),
    "+": () => view?.zoom(1.5),
    "=": () => view?.zoom(1.5),
    "-": () => view?.zoom(1 / 1.5),
    0: () => view?.zoom(1 / view.scale),
    r: turn,
    f: () => (lent.matches("[data-panel-wanted]") ? askLater({ mark: true }) : lent.querySelector("[data-mark]")?.click()),
  };

  document.addEventListener("keydown", (event) => {
    if (!viewer()?.open || event.ctrlKey || event.metaKey || event.altKey) return;
    // In a video the arrows wind; in a field they are letters.
    if (event.target.closest("video, textarea, input, select")) return;
    const act = KEYS[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  /* The panel of a picture is fetched when it is first opened (evidence.html). */
  document.addEventListener("htmx:afterSettle", (event) => {
    const panel = event.target;
    const wish = asked.get(panel.dataset?.panelOf);
    if (wish && panel.isConnected) {
      asked.delete(panel.dataset.panelOf);
      const form = panel.querySelector("[data-turn]");
      if (form && wish.rotation !== undefined) save.later(form, wish.rotation);
      // The other handlers of this event first: they are what sends the form in place.
      if (wish.mark) setTimeout(() => panel.querySelector("[data-mark]")?.click());
    }
    if (!lent || lent.isConnected || panel.dataset?.panelOf !== lent.dataset.panelOf) return;
    lent = panel;
  });

  document.addEventListener("htmx:afterSettle", (event) => {
    if (toEnclose && event.target.id === "canned-box") tick();
  });

  /* A form of the panel is sent in place like every other (desk.js): the page is new then, the viewer opens again. */
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (!event.target.matches("form[hx-post]")) return;
    again = event.target.closest("#lightbox") ? shots[shown].dataset.panel : null;
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (!again || event.target.id !== "main") return;
    const shot = document.querySelector(`[data-panel="${again}"]`);
    [again, lent, view] = [null, null, null];
    if (!shot) return;
    open(shot);
    lent.querySelector("[data-form-errors], .has-error :is(input, textarea)")?.focus();
  });
})();
