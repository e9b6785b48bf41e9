// Mathematics: every formula stands in the page as TeX.
for (const formula of document.querySelectorAll(".tex")) {
  const displayMode = formula.classList.contains("display");
  katex.render(formula.textContent, formula, { displayMode, throwOnError: false });
}
