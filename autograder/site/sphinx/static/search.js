// Search by section. The index is a script (sections.js), so that this works in a folder, too.
const AROUND = 90; // characters of a section shown on either side of a word

function score(section, words) {
  const title = section.title.toLowerCase();
  const text = section.text.toLowerCase();
  if (!words.every((word) => title.includes(word) || text.includes(word))) return 0;
  const count = (word) => Math.min(text.split(word).length - 1, 9) + 20 * title.includes(word);
  return words.map(count).reduce((sum, n) => sum + n);
}

function excerpt(text, words) {
  const found = words.map((word) => text.toLowerCase().indexOf(word)).filter((i) => i >= 0);
  const middle = found.length ? Math.min(...found) : 0;
  const start = middle > AROUND ? text.indexOf(" ", middle - AROUND) + 1 : 0;
  const end = Math.min(text.length, middle + AROUND);
  return (start ? "… " : "") + text.slice(start, end) + (end < text.length ? " …" : "");
}

function marked(text, words) {
  const paragraph = document.createElement("p");
  const escaped = words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  text.split(new RegExp(`(${escaped.join("|")})`, "i")).forEach((part, i) => {
    const node = i % 2 ? document.createElement("mark") : document.createElement("span");
    node.textContent = part;
    paragraph.append(node);
  });
  return paragraph;
}

function item(section, words) {
  const link = document.createElement("a");
  link.href = section.url;
  link.textContent = section.title;
  const page = document.createElement("span");
  page.textContent = section.title === section.page ? "" : section.page;
  const entry = document.createElement("li");
  entry.append(link, page, marked(excerpt(section.text, words), words));
  return entry;
}

const query = new URLSearchParams(location.search).get("q") ?? "";
const words = query.toLowerCase().split(/\s+/).filter(Boolean);
for (const field of document.querySelectorAll("input[name=q]")) field.value = query;
if (words.length) {
  const found = SECTIONS.map((section) => [score(section, words), section]).filter(([n]) => n);
  found.sort(([a], [b]) => b - a);
  const many = found.length === 1 ? "1 section has" : `${found.length} sections have`;
  document.getElementById("search-status").textContent = found.length
    ? `${many} “${query}”.`
    : `Nothing has “${query}”. Try fewer words, or only their beginnings.`;
  document.getElementById("search-results").append(...found.map(([, section]) => item(section, words)));
}
document.querySelector("main input[name=q]").focus();
