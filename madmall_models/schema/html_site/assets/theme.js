// Before anything is drawn: the theme that was chosen here before, or else that of the system.
(function () {
  "use strict";
  var root = document.documentElement;
  var kept = null;
  try {
    kept = localStorage.getItem("schema-theme");
  } catch (refused) {
    // A browser may keep nothing for pages from disk; the theme of the system is shown then.
  }
  var system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  root.dataset.theme = kept === "dark" || kept === "light" ? kept : system;
  root.classList.add("has-script");
})();
