// Mathematics: every formula stands in the page as TeX.
for (const formula of document.querySelectorAll(".tex")) {
  const displayMode = formula.classList.contains("display");
  katex.render(formula.textContent, formula, { displayMode, throwOnError: false });
}

// A formula that is too wide can be scrolled, so it has to be reached by keyboard, too.
document.fonts.ready.then(() => {
  for (const formula of document.querySelectorAll(".tex.display")) {
    if (formula.scrollWidth > formula.clientWidth) formula.tabIndex = 0;
  }
});
