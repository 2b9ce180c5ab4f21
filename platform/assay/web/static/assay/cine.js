// Plays the frames or slices of a sample case on canvases that share one frame, with the marks that lie on it.
// Without this file the page shows every frame as a strip.
"use strict";

(function () {
  const player = document.querySelector("[data-cine]");
  if (!player) return;
  const bar = player.querySelector(".cine-bar");
  const button = player.querySelector("[data-play]");
  const slider = player.querySelector("[data-frame]");
  const told = player.querySelector("[data-told]");
  const frames = Number(slider.max);
  const PACE = 125; // ms a frame
  const marks = [...player.querySelectorAll(".fault-mark")];
  const faults = [...player.querySelectorAll("[data-fault]")];
  const { first, step, slices } = player.dataset;
  let timer = null;

  const shots = [...player.querySelectorAll("img")].map((sheet) => {
    const { columns, width, height } = sheet.dataset;
    const canvas = document.createElement("canvas");
    canvas.width = Number(width);
    canvas.height = Number(height);
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", sheet.closest("figure").querySelector("figcaption").textContent);
    sheet.before(canvas);
    sheet.hidden = true;
    const shot = { sheet, canvas, columns: Number(columns) };
    if (!sheet.complete) sheet.addEventListener("load", () => draw(shot));
    return shot;
  });

  function draw({ sheet, canvas, columns }) {
    if (!sheet.complete || !sheet.naturalWidth) return;
    const at = Number(slider.value) - 1;
    const { width, height } = canvas;
    const x = (at % columns) * width, y = Math.floor(at / columns) * height;
    canvas.getContext("2d").drawImage(sheet, x, y, width, height, 0, 0, width, height);
  }

  function show(frame) {
    slider.value = ((frame - 1 + frames) % frames) + 1;
    told.textContent = slices
      ? `slice ${Number(first) + (slider.value - 1) * step} of ${slices}`
      : `frame ${slider.value} of ${frames}`;
    shots.forEach(draw);
    for (const mark of marks) mark.hidden = mark.dataset.in !== slider.value;
  }

  // on a strip a mark lies on its own frame; here all frames are one
  for (const mark of marks) {
    mark.style.left = `${mark.dataset.x}%`;
    mark.style.top = `${mark.dataset.y}%`;
  }

  function point(fault) {
    pause();
    show(Number(fault.dataset.in));
    for (const each of [...marks, ...faults]) {
      each.classList.toggle("pointed", (each.dataset.number || each.dataset.fault) === fault.dataset.fault);
    }
    // the three planes cross there as well
    document.dispatchEvent(new CustomEvent("assay:voxel", { detail: fault.dataset.voxel.split(",").map(Number) }));
  }

  for (const fault of faults) {
    const words = fault.querySelector(".fault-words");
    const press = document.createElement("button");
    press.type = "button";
    press.append(...words.childNodes);
    words.append(press);
    press.addEventListener("click", () => point(fault));
  }

  function play() {
    timer = setInterval(() => show(Number(slider.value) + 1), PACE);
    button.textContent = "Pause";
  }

  function pause() {
    clearInterval(timer);
    timer = null;
    button.textContent = "Play";
  }

  button.addEventListener("click", () => (timer ? pause() : play()));
  slider.addEventListener("input", () => { pause(); show(Number(slider.value)); });
  player.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) {
      event.preventDefault();
      pause();
      show(Number(slider.value) + step);
    } else if (event.key === " " && event.target.tagName !== "BUTTON") {
      event.preventDefault();
      if (timer) pause(); else play();
    }
  });
  bar.hidden = frames < 2;
  show(1);
})();
