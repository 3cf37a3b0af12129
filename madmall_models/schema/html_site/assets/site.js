// The switch of the theme, links that are copied, the filter of questions, and what a link to a question opens.
(function () {
  "use strict";
  var root = document.documentElement;
  var said = document.getElementById("said");

  // -- theme --
  var theme = document.getElementById("theme");
  function shownTheme() {
    theme.setAttribute("aria-pressed", String(root.dataset.theme === "dark"));
  }
  theme.addEventListener("click", function () {
    root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
    try {
      localStorage.setItem("schema-theme", root.dataset.theme);
    } catch (refused) {
      // It holds for this page, then.
    }
    shownTheme();
  });
  shownTheme();

  // -- links that are copied --
  function tell(link, text) {
    said.textContent = text;
    link.classList.add("copied");
    setTimeout(function () { link.classList.remove("copied"); }, 1500);
  }
  document.addEventListener("click", function (event) {
    var link = event.target.closest("a.anchor");
    if (!link || !navigator.clipboard) return;
    navigator.clipboard.writeText(link.href).then(
      function () { tell(link, "The link is copied"); },
      function () { said.textContent = "The link is in the address bar"; }
    );
  });

  // -- filter --
  var filters = document.getElementById("filters");
  var questions = filters ? Array.from(document.querySelectorAll(".question")) : [];
  var fields = {
    text: document.getElementById("filter-text"),
    entity: document.getElementById("filter-entity"),
    index: document.getElementById("filter-index"),
  };
  var texts = questions.map(function (question) {
    return ["ask", "where"].map(function (part) {
      return question.querySelector("." + part).textContent;
    }).join(" ").toLowerCase() + " " + question.id.toLowerCase();
  });

  function filter() {
    var words = fields.text.value.toLowerCase().split(/\s+/).filter(Boolean);
    var shown = 0;
    questions.forEach(function (question, place) {
      var fits = (!fields.entity.value || question.dataset.entity === fields.entity.value)
        && (!fields.index.value || question.dataset.index === fields.index.value)
        && words.every(function (word) { return texts[place].indexOf(word) >= 0; });
      question.hidden = !fits;
      shown += fits ? 1 : 0;
    });
    document.querySelectorAll(".group").forEach(function (group) {
      group.hidden = !group.querySelector(".question:not([hidden])");
      document.querySelector(".side a[href='#" + group.id + "']").parentElement.hidden = group.hidden;
    });
    document.getElementById("filter-nothing").hidden = shown > 0;
    document.getElementById("filter-count").textContent =
      shown === questions.length ? shown + " questions" : shown + " of " + questions.length + " questions";
  }

  if (filters) {
    var given = new URLSearchParams(location.search);
    Object.keys(fields).forEach(function (name) {
      fields[name].value = given.get(name) || "";
      // An address may name what is not declared any more; a list shows nothing then.
      if (fields[name].selectedIndex === -1) fields[name].selectedIndex = 0;
    });
    filters.addEventListener("input", filter);
    filters.addEventListener("submit", function (event) { event.preventDefault(); });
    filters.addEventListener("reset", function () { setTimeout(filter, 0); });
    filter();
  }

  // -- what a link leads to is shown, whatever hides it --
  function named() {
    try {
      return document.getElementById(decodeURIComponent(location.hash.slice(1)));
    } catch (malformed) {
      // An address that somebody typed or cut names nothing.
      return null;
    }
  }
  function arrive() {
    var place = named();
    if (!place) return;
    if (place.closest("[hidden]")) {
      filters.reset();
      filter();
    }
    var details = place.matches(".question") && place.querySelector("details");
    if (details) details.open = true;
    place.scrollIntoView();
  }
  addEventListener("hashchange", arrive);
  arrive();
})();
