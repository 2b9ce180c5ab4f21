// Three planes through a sample's volume with a label map laid on it, by NiiVue. Loads on demand: nothing before the button.
// Without this file, or without WebGL 2, the slices of the page show the same.
"use strict";

(function () {
  const section = document.querySelector("[data-volume]");
  if (!section) return;
  const find = (name) => section.querySelector(`[data-${name}]`);
  const bar = find("bar"), load = find("load"), where = find("where"), opacity = find("opacity"), canvas = find("canvas");
  const overlays = [...section.querySelectorAll("[name=overlay]")];
  const step = Number(section.dataset.step);
  let viewer = null;
  let asked = 0;

  section.hidden = false;
  if (!document.createElement("canvas").getContext("webgl2")) {
    find("none").hidden = false;
    bar.hidden = true;
    return;
  }

  function fetchLibrary() {
    return new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = section.dataset.library;
      script.addEventListener("load", () => resolve(window.niivue));
      script.addEventListener("error", () => reject(new Error("the viewer did not arrive")));
      document.head.append(script);
    });
  }

  // value 0 is not drawn; the others are what the page's legends say
  function coloursOf(overlay) {
    const hex = ["#000000", ...overlay.dataset.colours.trim().split(" ")];
    const channel = (at) => hex.map((colour) => parseInt(colour.slice(at, at + 2), 16));
    return {
      R: channel(1), G: channel(3), B: channel(5),
      A: hex.map((_, value) => (value ? 255 : 0)),
      I: hex.map((_, value) => value),
      labels: ["", ...overlay.dataset.names.split("|").slice(0, hex.length - 1)],
    };
  }

  async function lay() {
    const turn = ++asked;
    const chosen = overlays.find((each) => each.checked);
    const { NVImage } = window.niivue;
    const layer = chosen.value ? await NVImage.loadFromUrl({ url: chosen.value, name: "overlay.nii.gz" }) : null;
    // another one was chosen meanwhile
    if (turn !== asked) return;
    for (const old of viewer.volumes.slice(1)) viewer.removeVolume(old);
    if (layer) {
      layer.setColormapLabel(coloursOf(chosen));
      viewer.addVolume(layer);
      viewer.setOpacity(1, Number(opacity.value) / 100);
    }
    viewer.updateGLVolume();
    section.dataset.shown = chosen.value;
  }

  // NiiVue counts along right, anterior, superior; the page as the files are stored. permRAS: stored axis from 1 on, - against
  function stored(turned) {
    const { permRAS, dimsRAS } = viewer.volumes[0];
    const voxel = [0, 0, 0];
    permRAS.forEach((axis, at) => { voxel[Math.abs(axis) - 1] = axis > 0 ? turned[at] : dimsRAS[at + 1] - 1 - turned[at]; });
    return voxel;
  }

  function turned(voxel) {
    const { permRAS, dimsRAS } = viewer.volumes[0];
    return permRAS.map((axis, at) => (axis > 0 ? voxel[axis - 1] : dimsRAS[at + 1] - 1 - voxel[-axis - 1]));
  }

  function tell({ vox }) {
    where.textContent = `voxel ${stored(vox).map((at) => at * step).join(", ")}`;
  }

  async function start() {
    load.disabled = true;
    where.textContent = "loading";
    try {
      const { Niivue } = await fetchLibrary();
      find("shot").hidden = false;
      viewer = new Niivue({
        backColor: [0, 0, 0, 1], show3Dcrosshair: false, isColorbar: false, dragAndDropEnabled: false,
        multiplanarShowRender: 0, isNearestInterpolation: true, crosshairWidth: 0.3, crosshairGap: 4, crosshairColor: [0.49, 0.72, 1, 0.9], loadingText: "", logLevel: "error",
      });
      await viewer.attachToCanvas(canvas);
      viewer.setSliceType(viewer.sliceTypeMultiplanar);
      viewer.onLocationChange = tell;
      await viewer.loadVolumes([{ url: section.dataset.image, name: "image.nii.gz", colormap: "gray", cal_min: 0, cal_max: 255 }]);
      await lay();
      load.hidden = true;
      find("keys").hidden = false;
      viewer.createOnLocationChange();
    } catch (error) {
      where.textContent = `not loaded: ${error.message}`;
      load.disabled = false;
    }
  }

  load.addEventListener("click", start);
  for (const each of overlays) each.addEventListener("change", () => viewer && lay());
  opacity.addEventListener("input", () => viewer && viewer.volumes.length > 1 && viewer.setOpacity(1, Number(opacity.value) / 100));

  const STEPS = {
    ArrowLeft: [-1, 0, 0], ArrowRight: [1, 0, 0], ArrowUp: [0, 1, 0], ArrowDown: [0, -1, 0], PageUp: [0, 0, 1], PageDown: [0, 0, -1],
  };
  canvas.addEventListener("keydown", (event) => {
    const move = STEPS[event.key];
    if (!move || !viewer || !viewer.volumes.length) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    viewer.moveCrosshairInVox(...move);
  }, true);

  document.addEventListener("assay:voxel", ({ detail }) => {
    if (!viewer || !viewer.volumes.length) return;
    viewer.scene.crosshairPos = viewer.vox2frac(turned(detail.map((at) => Math.floor(at / step))));
    viewer.createOnLocationChange();
    viewer.drawScene();
  });
})();
