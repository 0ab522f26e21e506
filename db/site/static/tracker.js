// Small helps on top of pages that work without: nothing here is needed to read, filter or export.
"use strict";
(() => {
  // Pointing at a finding, or moving the focus into it, lights its sentence.
  for (const row of document.querySelectorAll("tr[data-sentence]")) {
    const sentence = document.getElementById(row.dataset.sentence);
    if (!sentence) continue;
    const light = (on) => () => { sentence.classList.toggle("lit", on); row.classList.toggle("lit", on); };
    row.addEventListener("mouseenter", light(true));
    row.addEventListener("mouseleave", light(false));
    row.addEventListener("focusin", light(true));
    row.addEventListener("focusout", light(false));
  }

  // A box that narrows a list of values while typing.
  const narrowList = (input, list) => {
    const items = [...list.querySelectorAll("li")];
    const narrow = (wanted, ids) => {
      for (const item of items) {
        const named = item.querySelector(".name").textContent.toLocaleLowerCase().includes(wanted);
        item.hidden = wanted !== "" && !named && !ids.has(item.dataset.id);
      }
      // what a shown value belongs to is shown with it
      for (const item of items) {
        if (!item.hidden) for (let up = item.parentElement.closest("li"); up; up = up.parentElement.closest("li")) up.hidden = false;
      }
    };
    let asked = 0;
    input.addEventListener("input", () => {
      const wanted = input.value.trim().toLocaleLowerCase();
      narrow(wanted, new Set());
      clearTimeout(asked);
      if (wanted.length < 2) return;
      asked = setTimeout(async () => { // other names of the vocabulary: Celebrex, THA
        const root = document.querySelector("a.brand").getAttribute("href");
        try {
          const answer = await (await fetch(`${root}suggest.json?q=${encodeURIComponent(wanted)}`)).json();
          if (input.value.trim().toLocaleLowerCase() === wanted) narrow(wanted, new Set(answer.rows.map((row) => row.id)));
        } catch { /* names alone, then */ }
      }, 150);
    });
  };
  for (const input of document.querySelectorAll("[data-filter-list]")) {
    const list = document.getElementById(input.dataset.filterList);
    if (list) narrowList(input, list);
  }

  // All values of a facet, fetched into their place with a box to look for one.
  for (const link of document.querySelectorAll("[data-all-values]")) {
    link.addEventListener("click", async (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      try {
        const answer = await fetch(link.href);
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const values = page.querySelector(".all-values ul");
        const facet = link.closest(".facet");
        const name = facet.querySelector("h2").textContent;
        const input = document.createElement("input");
        input.type = "search";
        input.setAttribute("aria-label", `Look for one of the ${name}`);
        input.placeholder = "Look for …";
        facet.querySelector("ul").replaceWith(values);
        link.parentElement.replaceWith(input);
        (values.closest("form") ?? values).before(input);
        values.classList.add("long");
        narrowList(input, values);
        input.focus();
      } catch {
        window.location.href = link.href;
      }
    });
  }

  // A narrow screen's drawer opens where a filter was just chosen, and closes by its own switch or by "Show n".
  const drawer = document.getElementById("drawer");
  const facets = document.getElementById("facets");
  if (drawer && facets) {
    facets.dataset.scripted = "";
    const chosen = () => !!window.location.hash && !!facets.querySelector(window.location.hash.replace(/[^#\w-]/g, ""));
    drawer.checked = chosen();
    facets.querySelector(".show-n a").addEventListener("click", () => { drawer.checked = false; });
    window.addEventListener("pageshow", (event) => { if (event.persisted) drawer.checked = chosen(); });
  }

  // "cite" copies the citation; without script it is a file.
  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a[data-copy]");
    if (!link || !navigator.clipboard) return;
    event.preventDefault();
    try {
      const answer = await fetch(link.href);
      await navigator.clipboard.writeText((await answer.text()).trim());
      link.textContent = "copied";
    } catch {
      window.location.href = link.href;
    }
  });

  // Names of the vocabulary while typing; the box works the same without them.
  for (const input of document.querySelectorAll("input[type=search][name=q]")) {
    const list = document.createElement("datalist");
    list.id = `${input.id || "words"}-names`;
    input.after(list);
    input.setAttribute("list", list.id);
    let asked = 0;
    input.addEventListener("input", () => {
      clearTimeout(asked);
      const words = input.value.trim();
      if (words.length < 2) return;
      asked = setTimeout(async () => {
        const root = document.querySelector("a.brand").getAttribute("href");
        try {
          const answer = await (await fetch(`${root}suggest.json?q=${encodeURIComponent(words)}`)).json();
          list.replaceChildren(...answer.rows.map((row) => {
            const option = document.createElement("option");
            option.value = row.name;
            option.label = `${row.kind}, ${row.articles}`;
            return option;
          }));
        } catch { /* the box stays a plain box */ }
      }, 150);
    });
  }

  // An open menu closes on Escape and on a click elsewhere.
  const menus = document.querySelectorAll("details.exports");
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of menus) if (menu.open) { menu.open = false; menu.querySelector("summary").focus(); }
  });
  document.addEventListener("click", (event) => {
    for (const menu of menus) if (!menu.contains(event.target)) menu.open = false;
  });

  // "/" puts the cursor into the search box.
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select, [contenteditable]");
    if (event.key === "/" && !typing && !event.metaKey && !event.ctrlKey) {
      event.preventDefault();
      [...document.querySelectorAll("input[name=q]")].find((box) => box.offsetParent)?.focus();
    }
  });
})();
