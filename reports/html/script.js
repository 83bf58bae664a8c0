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
      unfold();
      body.append(...[...body.rows].sort((a, b) => up ? compare(a, b) : compare(b, a)));
    });
  });
  const form = document.querySelector(".filter");
  const find = document.getElementById("find");
  const verdict = document.getElementById("verdict");
  const shown = document.getElementById("shown");
  // What passed is folded away while nothing is looked for, if anything else is there to be read first.
  const passed = [...body.rows].filter((row) => row.dataset.verdict === "passed");
  const fold = document.getElementById("fold");
  let folded = passed.length > 0 && passed.length < body.rows.length;
  const filter = () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const row of body.rows) {
      const text = (row.dataset.find ?? "") + " " + row.textContent.toLowerCase();
      const hit = (verdict.value === "" || row.dataset.verdict === verdict.value) && words.every((word) => text.includes(word));
      row.hidden = !hit || (folded && find.value === "" && verdict.value === "" && row.dataset.verdict === "passed");
      document.getElementById(row.dataset.for).hidden = !hit;
      count += row.hidden ? 0 : 1;
    }
    shown.textContent = count + " of " + body.rows.length;
  };
  const label = () => {
    fold.textContent = (folded ? "Show" : "Hide") + " the " + passed.length + " that passed";
    fold.setAttribute("aria-expanded", String(!folded));
  };
  const unfold = () => {
    if (!folded) return;
    folded = false;
    label();
    filter();
  };
  if (folded) {
    fold.parentElement.hidden = false;
    fold.addEventListener("click", () => { folded = !folded; label(); filter(); });
    label();
  }
  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  find.addEventListener("input", filter);
  verdict.addEventListener("change", filter);
  filter();
  const open = () => {
    const target = location.hash && document.getElementById(location.hash.slice(1));
    let unfolded = false;
    for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") {
      unfolded ||= at !== target;
      at.open = true;
    }
    if (unfolded) target.scrollIntoView({ block: "center" });
  };
  addEventListener("hashchange", open);
  open();
})();
