// Small conveniences. Every page is complete without this file.
"use strict";

function enhance(root) {
  for (const button of root.querySelectorAll("[data-copy]")) button.hidden = false;
  for (const moment of root.querySelectorAll("time[data-local]")) addLocalTime(moment);
}

// the reader's own zone, beside UTC
function addLocalTime(moment) {
  const at = new Date(moment.dateTime);
  moment.removeAttribute("data-local");
  if (Number.isNaN(at.getTime()) || at.getTimezoneOffset() === 0) return;
  const local = at.toLocaleString("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
  moment.insertAdjacentText("afterend", ` = ${local} your time`);
}

async function copy(button) {
  const text = button.closest(".command, [data-copy-from]").querySelector("code").textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    // no clipboard here (plain http): select it, so that one key copies
    const range = document.createRange();
    range.selectNodeContents(button.closest(".command, [data-copy-from]").querySelector("code"));
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    button.textContent = "Press Ctrl-C";
  }
  setTimeout(() => { button.textContent = "Copy"; }, 2000);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) copy(button);
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
document.addEventListener("DOMContentLoaded", () => enhance(document));
document.addEventListener("htmx:afterSwap", (event) => {
  enhance(event.target.parentElement ?? document);
  const live = document.querySelector("[data-title]");
  if (live) document.title = live.dataset.title;
});
