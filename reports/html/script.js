"use strict";
// Sorting and filtering, nothing else: everything there is to read is there without this.
(() => {
  const table = document.getElementById("table");
  if (!table) return;
  const body = table.tBodies[0];
  const value = (row, column) => row.cells[column].dataset.sort ?? row.cells[column].textContent.trim();
  table.querySelectorAll("thead th").forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const up = head.getAttribute("aria-sort") !== "ascending";
      table.querySelectorAll("thead th").forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const order = new Intl.Collator("en", { numeric: true });
      const numeric = body.rows.length > 0 && body.rows[0].cells[column].dataset.sort !== undefined;
      const compare = (a, b) => numeric ? Number(value(a, column)) - Number(value(b, column)) : order.compare(value(a, column), value(b, column));
      body.append(...[...body.rows].sort((a, b) => up ? compare(a, b) : compare(b, a)));
    });
  });
  const form = document.querySelector(".filter");
  const find = document.getElementById("find");
  const verdict = document.getElementById("verdict");
  const shown = document.getElementById("shown");
  const filter = () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const row of body.rows) {
      const text = (row.dataset.find ?? "") + " " + row.textContent.toLowerCase();
      const hit = (verdict.value === "" || row.dataset.verdict === verdict.value) && words.every((word) => text.includes(word));
      row.hidden = !hit;
      document.getElementById(row.dataset.for).hidden = !hit;
      count += hit ? 1 : 0;
    }
    shown.textContent = count + " of " + body.rows.length;
  };
  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  find.addEventListener("input", filter);
  verdict.addEventListener("change", filter);
  filter();
  const open = () => {
    const target = location.hash && document.getElementById(location.hash.slice(1));
    if (target && target.tagName === "DETAILS") target.open = true;
  };
  addEventListener("hashchange", open);
  open();
})();
