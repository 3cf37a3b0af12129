// Search everything, in the index that search-index.js holds.
(function () {
  "use strict";
  var MOST = 40;
  // What somebody looks for most stands first where two are as good.
  var KINDS = ["question", "entity", "key", "attribute", "operation", "index", "collection", "signal", "rule"];
  var root = document.documentElement.dataset.root || "";
  var box = document.getElementById("search");
  var list = document.getElementById("found");
  var said = document.getElementById("said");
  var entries = SEARCH_INDEX.map(function (entry) {
    return {
      kind: entry[0],
      title: entry[1],
      place: entry[2],
      more: entry[3],
      name: entry[1].toLowerCase(),
      all: (entry[0] + " " + entry[1] + " " + entry[3]).toLowerCase(),
    };
  });
  var active = -1;

  function rank(entry, words) {
    var points = KINDS.indexOf(entry.kind);
    var parts = entry.name.split(/[^a-z0-9]+/);
    words.forEach(function (word) {
      if (entry.name === word) points -= 70;
      else if (entry.name.endsWith("." + word) || (entry.kind === "question" && parts.indexOf(word) >= 0)) points -= 60;
      else if (parts.indexOf(word) >= 0) points -= 30;
      else if (entry.name.indexOf(word) >= 0) points -= 15;
    });
    return points;
  }

  function find(text) {
    var words = text.toLowerCase().split(/\s+/).filter(Boolean);
    if (!words.length) return [];
    return entries
      .filter(function (entry) {
        return words.every(function (word) { return entry.all.indexOf(word) >= 0; });
      })
      .map(function (entry, place) { return { entry: entry, points: rank(entry, words), place: place }; })
      .sort(function (one, two) { return one.points - two.points || one.place - two.place; })
      .map(function (found) { return found.entry; });
  }

  function piece(name, className, text) {
    var node = document.createElement(name);
    node.className = className;
    node.textContent = text;
    return node;
  }

  function option(entry, place) {
    var item = document.createElement("li");
    item.id = "found-" + place;
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", "false");
    item.dataset.place = entry.place;
    item.append(piece("span", "kind", entry.kind), piece("span", "title", entry.title), piece("span", "more", entry.more));
    // The box keeps the focus; what is pressed is gone to.
    item.addEventListener("mousedown", function (event) { event.preventDefault(); });
    item.addEventListener("click", function () { go(item); });
    return item;
  }

  function show() {
    var found = find(box.value);
    var options = found.slice(0, MOST).map(option);
    var asked = box.value.trim() !== "";
    list.replaceChildren.apply(list, options);
    if (asked && !found.length) list.append(piece("li", "none", "Nothing is called or says that."));
    if (found.length > MOST) list.append(piece("li", "none", "… and " + (found.length - MOST) + " more: say more."));
    list.hidden = !asked;
    box.setAttribute("aria-expanded", String(asked && found.length > 0));
    said.textContent = asked ? found.length + " found" : "";
    mark(found.length ? 0 : -1);
  }

  function mark(place) {
    var options = list.querySelectorAll("[role=option]");
    if (options[active]) options[active].setAttribute("aria-selected", "false");
    active = options.length ? (place + options.length) % options.length : -1;
    if (active < 0) {
      box.removeAttribute("aria-activedescendant");
      return;
    }
    options[active].setAttribute("aria-selected", "true");
    options[active].scrollIntoView({ block: "nearest" });
    box.setAttribute("aria-activedescendant", options[active].id);
  }

  function hide() {
    list.hidden = true;
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
    active = -1;
  }

  function go(item) {
    hide();
    box.value = "";
    location.href = root + item.dataset.place;
    box.blur();
  }

  function onKey(event) {
    if (event.key === "Escape") {
      if (list.hidden) box.blur();
      box.value = "";
      hide();
    } else if (list.hidden) {
      return;
    } else if (event.key === "ArrowDown") {
      mark(active + 1);
    } else if (event.key === "ArrowUp") {
      mark(active - 1);
    } else if (event.key === "Enter" && active >= 0) {
      go(list.querySelectorAll("[role=option]")[active]);
    } else {
      return;
    }
    event.preventDefault();
  }

  box.addEventListener("input", show);
  box.addEventListener("focus", function () { if (box.value.trim()) show(); });
  box.addEventListener("blur", hide);
  box.addEventListener("keydown", onKey);
  document.addEventListener("keydown", function (event) {
    var typing = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName);
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    box.focus();
    box.select();
  });
})();
