// Filters the statements; opens what is folded where a link or a printer needs it.
"use strict";

const find = (id) => document.getElementById(id);
const filter = document.querySelector(".filter");
const groups = [...document.querySelectorAll("#statements .group")];
const texts = new Map();

const matches = (row, words) => {
  if (!texts.has(row)) texts.set(row, row.textContent.toLowerCase());
  return words.every((word) => texts.get(row).includes(word));
};

const apply = () => {
  const words = find("text").value.toLowerCase().split(/\s+/).filter(Boolean);
  const status = find("status").value;
  const section = find("section").value;
  let shown = 0;
  for (const group of groups) {
    const rows = [...group.querySelectorAll("li")];
    const isChosen = !section || group.dataset.section === section;
    for (const row of rows) {
      row.hidden = !isChosen || (status && row.dataset.status !== status) || !matches(row, words);
    }
    const left = rows.filter((row) => !row.hidden).length;
    group.hidden = left === 0;
    shown += left;
  }
  find("count").textContent = shown === 1 ? "1 statement" : `${shown.toLocaleString("en")} statements`;
};

// What a link leads to may be left out by the filter.
const reveal = () => {
  const target = find(decodeURIComponent(location.hash.slice(1)));
  if (target?.closest("[hidden]")) {
    filter.reset();
    apply();
    target.scrollIntoView();
  }
};

const folded = [...document.querySelectorAll("#failed details, #sections details")];
let opened = [];
addEventListener("beforeprint", () => {
  opened = folded.filter((each) => !each.open);
  for (const each of opened) each.open = true;
});
addEventListener("afterprint", () => {
  for (const each of opened) each.open = false;
});

filter.hidden = false;
filter.addEventListener("input", apply);
filter.addEventListener("submit", (event) => event.preventDefault());
addEventListener("hashchange", reveal);
apply();
