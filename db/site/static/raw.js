// Datasette's own pages: a language, names for the boxes that have none, and the notes on columns folded away.
"use strict";
(() => {
  document.documentElement.lang = "en";
  document.querySelector("section.content")?.setAttribute("role", "main");
  const names = { _filter_column: "Column", _filter_op: "Condition", _filter_value: "Value", _sort: "Sort by" };
  for (const box of document.querySelectorAll("select, input[type=text], input[type=search]")) {
    const [start] = Object.keys(names).filter((name) => (box.name || "").startsWith(name));
    if (start && !box.labels.length) box.setAttribute("aria-label", names[start]);
  }
  for (const wide of document.querySelectorAll(".table-wrapper")) {
    wide.tabIndex = 0;
    wide.setAttribute("role", "region");
    wide.setAttribute("aria-label", "Table; scrolls sideways");
  }
  for (const notes of document.querySelectorAll("dl.column-descriptions")) {
    const folded = document.createElement("details");
    const head = document.createElement("summary");
    folded.className = "raw-columns";
    head.textContent = "What the columns hold";
    notes.before(folded);
    folded.append(head, notes);
  }
})();
