"use strict";
// Sorts and filters the table of students. Without it the table is all there, in its own order.
(() => {
  const table = document.getElementById("students");
  const body = table.tBodies[0];
  const heads = Array.from(table.tHead.rows[0].cells);
  const rows = Array.from(body.rows, (row) => ({
    row,
    text: row.textContent.toLowerCase(),
    status: row.dataset.status,
    networks: row.dataset.networks.split(" "),
  }));
  const form = document.getElementById("filters");
  const find = document.getElementById("find");
  const status = document.getElementById("status");
  const network = document.getElementById("network");
  const count = document.getElementById("count");
  const words = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

  function key(cell) {
    return cell.dataset.key ?? cell.textContent.trim();
  }

  function sort(place) {
    const head = heads[place];
    const number = head.dataset.sort === "number";
    const before = head.getAttribute("aria-sort");
    // Numbers begin with the largest: the best, the latest, the most that is missed.
    const first = number ? "descending" : "ascending";
    const second = number ? "ascending" : "descending";
    const order = before === first ? second : first;
    const sign = order === "ascending" ? 1 : -1;
    const keyed = rows.map((item) => [key(item.row.cells[place]), item]);
    keyed.sort(([a], [b]) => sign * (number ? a - b : words.compare(a, b)));
    keyed.forEach(([, item], index) => { rows[index] = item; });
    body.append(...rows.map((item) => item.row));
    heads.forEach((other) => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", order);
  }

  function filter() {
    const wanted = find.value.trim().toLowerCase();
    let shown = 0;
    for (const item of rows) {
      const fits = item.text.includes(wanted)
        && (!status.value || item.status === status.value)
        && (!network || !network.value || item.networks.includes(network.value));
      item.row.hidden = !fits;
      shown += fits;
    }
    count.textContent = `${shown.toLocaleString("en")} of ${rows.length.toLocaleString("en")}`;
  }

  heads.forEach((head, place) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    button.addEventListener("click", () => sort(place));
    head.append(button);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", filter);
  form.addEventListener("reset", () => setTimeout(filter));
  for (const button of document.querySelectorAll("button[data-network]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      form.reset();
      network.value = button.dataset.network;
      filter();
      document.getElementById("people").scrollIntoView();
      network.focus({ preventScroll: true });
    });
  }
  form.hidden = false;
  filter();
})();
