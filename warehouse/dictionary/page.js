"use strict";
(function () {
  const box = document.getElementById("q");
  const found = document.getElementById("found");
  const entries = new Map();
  for (const item of document.querySelectorAll("nav li")) entries.set(item.dataset.for, item);
  const tables = Array.from(document.querySelectorAll("main section"), function (section) {
    return {
      section: section,
      entry: entries.get(section.id),
      words: section.dataset.words,
      rows: Array.from(section.querySelectorAll("tbody tr"), function (row) {
        return { row: row, words: (row.cells[0].textContent + " " + row.cells[2].textContent).toLowerCase() };
      }),
    };
  });

  // A table is shown when each word stands in what is said of it or in one of its
  // columns; where columns were meant, only those are shown.
  function search() {
    const asked = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shownTables = 0, shownColumns = 0;
    for (const t of tables) {
      const open = asked.filter(function (w) { return !t.words.includes(w); });
      let hits = 0;
      for (const r of t.rows) {
        const hit = open.every(function (w) { return r.words.includes(w); });
        r.row.classList.toggle("off", !hit);
        if (hit) hits++;
      }
      const shown = open.length === 0 || hits > 0;
      t.section.classList.toggle("off", !shown);
      t.entry.classList.toggle("off", !shown);
      if (shown) { shownTables++; shownColumns += hits; }
    }
    for (const g of document.querySelectorAll("nav details")) {
      g.classList.toggle("off", !g.querySelector("li:not(.off)"));
    }
    for (const h of document.querySelectorAll("main h2")) {
      let next = h.nextElementSibling;
      while (next && next.tagName === "SECTION" && next.classList.contains("off")) next = next.nextElementSibling;
      h.classList.toggle("off", !next || next.tagName !== "SECTION");
    }
    found.textContent = asked.length === 0 ? "" :
      shownTables + " 张表 tables，" + shownColumns + " 列 columns";
  }

  // A link leads also to what the search has put away.
  function follow() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target && target.closest(".off")) {
      box.value = "";
      search();
      target.scrollIntoView();
    }
  }

  let waiting = 0;
  box.addEventListener("input", function () { clearTimeout(waiting); waiting = setTimeout(search, 120); });
  box.form.addEventListener("submit", function (event) { event.preventDefault(); search(); });
  box.addEventListener("keydown", function (event) { if (event.key === "Escape") { box.value = ""; search(); } });
  window.addEventListener("hashchange", follow);
  window.addEventListener("beforeprint", function () {
    for (const d of document.querySelectorAll("main details")) d.open = true;
  });
})();
