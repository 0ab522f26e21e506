// Keys and marking for the review page; every button works without it.
"use strict";
(() => {
  const box = document.getElementById("keys-on");
  try {
    if (box && localStorage.getItem("ho-tracker-keys") === "off") box.checked = false;
  } catch { /* no storage: keys are on */ }
  box?.addEventListener("change", () => {
    try { localStorage.setItem("ho-tracker-keys", box.checked ? "on" : "off"); } catch { /* for this page only */ }
  });

  document.addEventListener("keydown", (event) => {
    if (event.metaKey || event.ctrlKey || event.altKey || (box && !box.checked)) return;
    if (event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]")) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (!/^[a-z0-9?]$/.test(event.key)) return;
    const target = document.querySelector(`[data-key="${event.key}"]`);
    if (!target) return;
    event.preventDefault();
    if (target.matches("input")) {
      target.focus();
      target.select();
    } else {
      target.click();
    }
  });

  // A form is sent once, however often its button is hit.
  for (const form of document.querySelectorAll("form[method=post]")) {
    let sent = false;
    form.addEventListener("submit", (event) => {
      if (sent) event.preventDefault();
      sent = true;
    });
    window.addEventListener("pageshow", () => { sent = false; });
  }

  // Words that are chosen in the text go into the form with their place.
  const form = document.getElementById("mark");
  const outer = (node) => (node.nodeType === Node.TEXT_NODE ? node.parentElement : node)?.closest("[data-field]");
  const length = (range) => {
    const copy = range.cloneContents();
    for (const hidden of copy.querySelectorAll(".vh")) hidden.remove();
    return copy.textContent;
  };
  if (form) {
    document.addEventListener("mouseup", () => take());
    document.addEventListener("keyup", (event) => { if (event.shiftKey || event.key === "Shift") take(); });
  }
  const take = () => {
    const chosen = window.getSelection();
    if (!chosen || chosen.isCollapsed || !chosen.rangeCount) return;
    const range = chosen.getRangeAt(0);
    const block = outer(range.startContainer);
    if (!block || block !== outer(range.endContainer)) return;
    const before = document.createRange();
    before.selectNodeContents(block);
    before.setEnd(range.startContainer, range.startOffset);
    const raw = length(range);
    const words = raw.trim();
    if (!words || words.length > 500) return;
    const skipped = raw.length - raw.trimStart().length;
    form.elements.words.value = words;
    form.elements.field.value = block.dataset.field;
    // The text's places count whole characters, a script's halves of some.
    const text = length(before) + raw.slice(0, skipped);
    form.elements.start.value = String(Number(block.dataset.start) + [...text].length);
  };
  form?.elements.words.addEventListener("input", () => {
    form.elements.field.value = "";
    form.elements.start.value = "";
  });
})();
