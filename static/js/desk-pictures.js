/* The evidence of a case, large: links with data-shot (image | video | file) inside data-gallery open in
   <dialog id="lightbox"> instead of on a page of their own. Arrow keys go on; buttons enlarge and turn. */

"use strict";

(() => {
  let shots = [];
  let shown = 0;

  function show(number) {
    const viewer = document.getElementById("lightbox");
    const place = viewer.querySelector("[data-shot-main]");
    shown = (number + shots.length) % shots.length;
    const shot = shots[shown];
    const picture = document.createElement(shot.dataset.shot === "video" ? "video" : "img");
    picture.src = shot.href;
    if (shot.dataset.shot === "video") picture.controls = true;
    else picture.alt = shot.dataset.name;
    place.className = "gallery-main lightbox-main";
    place.replaceChildren(picture);
    viewer.querySelector("#lightbox-name").textContent = shot.dataset.name;
    viewer.querySelector("[data-shot-note]").textContent = shot.dataset.note;
    viewer.querySelector("[data-shot-count]").textContent = `${shown + 1} / ${shots.length}`;
    viewer.querySelector("[data-shot-open]").href = shot.href;
    viewer.querySelector("[data-shot-zoom]").setAttribute("aria-pressed", "false");
  }

  function turn() {
    const picture = document.querySelector("[data-shot-main]").firstElementChild;
    const turns = ["", "is-turned-90", "is-turned-180", "is-turned-270"];
    const now = Math.max(turns.findIndex((name) => name && picture.classList.contains(name)), 0);
    picture.classList.remove(...turns.filter(Boolean));
    const next = turns[(now + 1) % turns.length];
    if (next) picture.classList.add(next);
  }

  document.addEventListener("click", (event) => {
    const shot = event.target.closest("[data-gallery] [data-shot]");
    if (shot && shot.dataset.shot !== "file" && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      shots = [...shot.closest("[data-gallery]").querySelectorAll("[data-shot]")].filter((one) => one.dataset.shot !== "file");
      show(shots.indexOf(shot));
      document.getElementById("lightbox").showModal();
      return;
    }
    const stepper = event.target.closest("[data-shot-step]");
    if (stepper) show(shown + Number(stepper.dataset.shotStep));
    const zoom = event.target.closest("[data-shot-zoom]");
    if (zoom) {
      const zoomed = document.querySelector("[data-shot-main]").classList.toggle("is-zoomed");
      zoom.setAttribute("aria-pressed", String(zoomed));
    }
    if (event.target.closest("[data-shot-turn]")) turn();
  });

  /* A video must not go on talking behind a closed viewer. */
  document.addEventListener(
    "close",
    (event) => {
      if (event.target.id === "lightbox") event.target.querySelector("[data-shot-main]").replaceChildren();
    },
    true,
  );

  document.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    // In a video the arrows wind.
    if (by && document.getElementById("lightbox")?.open && !event.target.closest("video")) show(shown + by);
  });
})();
