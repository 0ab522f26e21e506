// Helps on the matrix and the plots; both can be read and used without.
"use strict";
(() => {
  // Arrow keys walk the matrix: one tab stop, Home and End for the row, with Ctrl for the whole table.
  for (const grid of document.querySelectorAll("table[data-grid]")) {
    const rows = [...grid.tBodies[0].rows].map((row) => [...row.cells]);
    const stop = (cell) => cell.querySelector("a") ?? cell;
    for (const cell of rows.flat()) {
      for (const link of cell.querySelectorAll("a")) link.tabIndex = -1;
      if (!cell.querySelector("a")) cell.tabIndex = -1;
    }
    let here = [0, 0];
    if (rows.length) stop(rows[0][0]).tabIndex = 0;
    const go = (row, column) => {
      const target = rows[row]?.[column];
      if (!target) return;
      stop(target).focus();
      target.scrollIntoView({ block: "nearest", inline: "nearest" });
    };
    // the stop goes where the focus is, whichever way it came there
    grid.addEventListener("focusin", (event) => {
      const cell = event.target.closest("tbody td, tbody th");
      if (!cell) return;
      stop(rows[here[0]][here[1]]).tabIndex = -1;
      here = [rows.findIndex((row) => row.includes(cell)), cell.cellIndex];
      stop(cell).tabIndex = 0;
    });
    grid.addEventListener("keydown", (event) => {
      if (event.altKey || event.metaKey || !event.target.closest("tbody")) return;
      const [row, column] = here;
      const last = rows[row].length - 1;
      const moves = {
        ArrowRight: [row, Math.min(column + 1, last)], ArrowLeft: [row, Math.max(column - 1, 0)],
        ArrowDown: [Math.min(row + 1, rows.length - 1), column], ArrowUp: [Math.max(row - 1, 0), column],
        Home: event.ctrlKey ? [0, 0] : [row, 0], End: event.ctrlKey ? [rows.length - 1, last] : [row, last],
      };
      if (!(event.key in moves)) return;
      event.preventDefault();
      go(...moves[event.key]);
    });
  }

  // PNG is drawn from the SVG file, twice as large so that it prints well.
  const save = async (link) => {
    const picture = new Image();
    picture.src = link.href;
    await picture.decode();
    const canvas = document.createElement("canvas");
    canvas.width = picture.naturalWidth * 2;
    canvas.height = picture.naturalHeight * 2;
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => { canvas.toBlob(done, "image/png"); });
    const anchor = document.createElement("a");
    anchor.href = URL.createObjectURL(blob);
    anchor.download = link.dataset.png;
    anchor.click();
    setTimeout(() => URL.revokeObjectURL(anchor.href), 10000);
  };
  for (const link of document.querySelectorAll("a[data-png]")) {
    link.hidden = false;
    if (link.nextElementSibling?.dataset.pngDot !== undefined) link.nextElementSibling.hidden = false;
    link.addEventListener("click", (event) => {
      event.preventDefault();
      save(link).catch(() => { window.location.href = link.href; });
    });
  }
})();
