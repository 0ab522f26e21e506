// Starred and seen articles, kept in this browser alone: nothing here asks the site or anybody else for anything.
"use strict";
(() => {
  const root = document.querySelector("a.brand").getAttribute("href");
  const MOST = { starred: 500, seen: 50 };
  const place = (name) => `ho-tracker ${root} ${name}`;
  const sound = (entry) => entry && Number.isSafeInteger(entry.pmid) && entry.pmid > 0 && typeof entry.title === "string";
  const read = (name) => {
    try {
      const kept = JSON.parse(localStorage.getItem(place(name)) ?? "[]");
      return Array.isArray(kept) ? kept.filter(sound) : [];
    } catch { return []; }
  };
  const write = (name, kept) => {
    try { localStorage.setItem(place(name), JSON.stringify(kept.slice(0, MOST[name]))); return true; } catch { return false; }
  };
  if (!write("seen", read("seen"))) return; // a browser that keeps nothing: all of this is absent

  const count = document.createElement("a");
  count.href = `${root}kept`;
  count.className = "kept-count";
  document.querySelector("header.top nav").append(count);
  const tell = () => {
    const number = read("starred").length;
    count.textContent = `★ ${number}`;
    count.setAttribute("aria-label", `Starred and seen articles, ${number} starred`);
  };
  if (window.location.pathname.replace(/\/$/, "") === `${root}kept`) count.setAttribute("aria-current", "page");
  tell();

  // A star on every row and article page.
  const starFor = (holder, title, source) => {
    const entry = { pmid: Number(holder.dataset.pmid), title, source };
    const star = document.createElement("button");
    star.type = "button";
    star.className = "star";
    const show = () => {
      const on = read("starred").some((kept) => kept.pmid === entry.pmid);
      star.textContent = on ? "★" : "☆";
      if (holder.matches("header")) star.textContent += on ? " starred" : " star";
      star.setAttribute("aria-pressed", String(on));
      star.setAttribute("aria-label", `Star ${entry.title.slice(0, 80)}`);
    };
    star.addEventListener("click", () => {
      const others = read("starred").filter((kept) => kept.pmid !== entry.pmid);
      const was = others.length < read("starred").length;
      if (!was && others.length >= MOST.starred) {
        star.textContent = `${MOST.starred} are starred, no more fit; remove some`;
        return;
      }
      write("starred", was ? others : [entry, ...others]);
      show();
      tell();
    });
    show();
    return star;
  };
  for (const row of document.querySelectorAll("li.row[data-pmid]")) {
    const words = row.querySelector(".row-title a").textContent.trim();
    const mark = row.querySelector(".row-title .retracted-word")?.textContent ?? "";
    const journal = row.querySelector("cite");
    const year = /\d{4}/.exec(journal.nextSibling.textContent)?.[0] ?? "";
    const title = mark ? `${mark}: ${words.slice(mark.length).trim()}` : words;
    row.querySelector(".row-source").append(starFor(row, title, `${journal.textContent} ${year}`));
  }
  const article = document.querySelector("header.article-head[data-pmid]");
  if (article) {
    const item = document.createElement("li");
    const { pmid, title, source } = article.dataset;
    item.append(starFor(article, title, source));
    article.querySelector(".links").append(item);
    write("seen", [{ pmid: Number(pmid), title, source }, ...read("seen").filter((kept) => kept.pmid !== Number(pmid))]);
  }

  // The page that lists both.
  const page = document.getElementById("kept");
  if (!page) return;
  const line = (name, entry) => {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = `${root}articles/${entry.pmid}`;
    link.textContent = entry.title;
    const source = document.createElement("span");
    source.className = "hint";
    source.textContent = ` ${entry.source ?? ""} · PMID ${entry.pmid} `;
    const remove = document.createElement("button");
    remove.type = "button";
    remove.textContent = "remove";
    remove.setAttribute("aria-label", `Remove ${entry.title.slice(0, 80)}`);
    remove.addEventListener("click", () => {
      write(name, read(name).filter((kept) => kept.pmid !== entry.pmid));
      show();
      document.getElementById(`${name}-head`).focus();
    });
    item.append(link, source, remove);
    return item;
  };
  const show = () => {
    for (const name of ["starred", "seen"]) {
      const kept = read(name);
      const section = document.getElementById(name);
      section.querySelector("ol").replaceChildren(...kept.map((entry) => line(name, entry)));
      section.querySelector(".empty").hidden = kept.length > 0;
      section.querySelector(".kept-tools").hidden = kept.length === 0;
      for (const link of section.querySelectorAll("a[data-pmids-to]")) {
        const asked = new URLSearchParams({ pmids: kept.map((entry) => entry.pmid).join(","), topic: "all", vanished: "yes" });
        link.href = `${root}${link.dataset.pmidsTo}?${asked}`;
      }
    }
    tell();
  };
  for (const forget of page.querySelectorAll("button[data-forget]")) {
    forget.addEventListener("click", () => { write(forget.dataset.forget, []); show(); });
  }
  page.hidden = false;
  show();
})();
