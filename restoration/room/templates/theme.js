"use strict";
// Stands in the head, so that the page is painted once, in the brightness that was chosen before.
(function () {
  let chosen = null;
  try {
    chosen = window.localStorage.getItem("heritage-theme");
  } catch (refused) {
    // A browser that keeps nothing for pages from disk: the page stays as it is made.
    console.info(String(refused));
  }
  if (chosen === "light" || chosen === "auto" || chosen === "dark") document.documentElement.dataset.theme = chosen;
})();
