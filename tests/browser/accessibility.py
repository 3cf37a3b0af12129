"""Look at a page as those do who do not see, do not point, or do not see well; each finding is one sentence."""

from __future__ import annotations

from typing import Any

TARGET = 24
BUTTON = 44

# Everything is found in the page as it is shown; JavaScript only measures.
_STRUCTURE = """
() => {
  const found = [];
  const say = text => found.push(text);
  const shown = node => node.getClientRects().length > 0 && getComputedStyle(node).visibility !== "hidden";
  const all = selector => [...document.querySelectorAll(selector)].filter(shown);
  const name = node => node.outerHTML.replace(/\\s+/g, " ").slice(0, 90);

  if (!document.documentElement.lang) say("the page does not say its language");
  if (!document.title.trim()) say("the page has no title");
  if (!document.querySelector("meta[name=viewport]")) say("the page does not fit itself to a phone");
  if (document.querySelectorAll("main").length !== 1) say("the page has not exactly one main");
  if (document.querySelectorAll("h1").length !== 1) say("the page has not exactly one h1");

  let level = 0;
  for (const heading of all("h1, h2, h3, h4, h5, h6")) {
    const here = Number(heading.tagName[1]);
    if (here > level + 1) say(`a heading skips a level: ${name(heading)}`);
    if (!heading.textContent.trim()) say(`a heading is empty: ${name(heading)}`);
    level = here;
  }

  const ids = [...document.querySelectorAll("[id]")].map(node => node.id);
  ids.filter((id, place) => ids.indexOf(id) !== place).forEach(id => say(`an id stands twice: ${id}`));
  for (const attribute of ["aria-describedby", "aria-labelledby", "for"])
    for (const node of document.querySelectorAll(`[${attribute}]`))
      for (const id of node.getAttribute(attribute).split(/\\s+/))
        if (!document.getElementById(id)) say(`${attribute} leads to nothing: ${name(node)}`);
  for (const link of document.querySelectorAll("a[href^='#']"))
    if (!document.getElementById(link.hash.slice(1))) say(`a link leads to nothing on the page: ${name(link)}`);

  const skip = document.querySelector("a, button, input, select, textarea, [tabindex]");
  if (!skip || !skip.hash || document.getElementById(skip.hash.slice(1)) !== document.querySelector("main"))
    say("the first thing to focus does not skip to main");

  for (const input of all("input:not([type=hidden]), select, textarea")) {
    const label = input.labels && [...input.labels].some(node => node.textContent.trim());
    if (!label && !input.getAttribute("aria-label")) say(`an input has no label: ${name(input)}`);
    if (input.getAttribute("aria-invalid") && !input.getAttribute("aria-describedby"))
      say(`an invalid input does not say why: ${name(input)}`);
  }
  for (const image of document.querySelectorAll("img:not([alt])")) say(`an image has no alt: ${name(image)}`);
  for (const node of all("a[href], button"))
    if (!(node.textContent.trim() || node.getAttribute("aria-label"))) say(`nothing says what this is: ${name(node)}`);
  if (document.querySelector("[tabindex]:not([tabindex='-1']):not([tabindex='0'])"))
    say("the order of focus is forced");

  if (document.documentElement.scrollWidth > innerWidth) say("the page is wider than the window");
  return found;
}
"""

_TARGETS = """
([target, button]) => {
  const found = [];
  const name = node => node.outerHTML.replace(/\\s+/g, " ").slice(0, 90);
  for (const node of document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea")) {
    const box = node.getBoundingClientRect();
    const style = getComputedStyle(node);
    if (!box.width || box.bottom < 0) continue;
    const isText = node.tagName === "A" && style.display === "inline";
    const least = node.tagName === "A" && !/button/.test(node.className) ? target : button;
    if (!isText && (box.height < least - 0.5 || box.width < Math.min(least, 24) - 0.5))
      found.push(`too small to touch (${Math.round(box.width)} x ${Math.round(box.height)}): ${name(node)}`);
  }
  return found;
}
"""

# The background is looked for behind the text; of a gradient, the color that serves the text worst counts.
_CONTRAST = """
() => {
  const found = [];
  const parse = text => [...text.matchAll(/rgba?\\(([^)]+)\\)/g)].map(match => match[1].split(/[ ,/]+/).map(Number));
  const part = value => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  const ratio = (one, two) => {
    const [high, low] = [light(one), light(two)].sort((a, b) => b - a);
    return (high + 0.05) / (low + 0.05);
  };
  const over = (top, under) => {
    const alpha = top[3] ?? 1;
    return [0, 1, 2].map(place => top[place] * alpha + under[place] * (1 - alpha));
  };
  const behind = node => {
    const layers = [];
    for (let here = node; here; here = here.parentElement) {
      const style = getComputedStyle(here);
      const colors = parse(style.backgroundImage).filter(color => (color[3] ?? 1) > 0);
      const [plain] = parse(style.backgroundColor);
      layers.push({colors, plain});
      if (plain && (plain[3] ?? 1) === 1) break;
    }
    let grounds = [[255, 255, 255]];
    for (const {colors, plain} of layers.reverse()) {
      if (plain && (plain[3] ?? 1) > 0) grounds = grounds.map(ground => over(plain, ground));
      if (colors.length) grounds = grounds.flatMap(ground => [ground, ...colors.map(color => over(color, ground))]);
    }
    return grounds;
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    const node = text.parentElement;
    const box = node.getBoundingClientRect();
    const isShown = text.textContent.trim() && box.width && box.bottom >= 0;
    if (!isShown || /^(SCRIPT|STYLE|OPTION)$/.test(node.tagName)) continue;
    const style = getComputedStyle(node);
    const [color] = parse(style.color);
    const worst = Math.min(...behind(node).map(ground => ratio(over(color, ground), ground)));
    if (worst < 4.5) found.push(`contrast of ${worst.toFixed(2)}: ${text.textContent.trim().slice(0, 40)}`);
  }
  for (const node of document.querySelectorAll("input:not([type=hidden]), select, textarea, .button-quiet")) {
    const style = getComputedStyle(node);
    const [border] = parse(style.borderTopColor);
    const grounds = node.parentElement ? behind(node.parentElement) : [];
    const worst = Math.min(...grounds.map(ground => ratio(over(border, ground), ground)));
    const what = node.name || node.textContent;
    if (worst < 3) found.push(`the border of an input has a contrast of ${worst.toFixed(2)}: ${what}`);
  }
  return found;
}
"""

_FOCUSED = """
() => {
  const node = document.activeElement;
  if (!node || node === document.body) return null;
  const style = getComputedStyle(node);
  const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  const box = node.getBoundingClientRect();
  return {
    name: node.outerHTML.replace(/\\s+/g, " ").slice(0, 90),
    ring,
    seen: box.width > 0 && box.bottom > 0 && box.right > 0,
    place: [...document.querySelectorAll("*")].indexOf(node),
  };
}
"""
_COUNT = "() => [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea')].length"


def findings(page: Any) -> list[str]:
    """Return what stands in somebody's way on the page as it is."""
    small = page.evaluate(_TARGETS, [TARGET, BUTTON]) if page.viewport_size["width"] < 600 else []
    return [*page.evaluate(_STRUCTURE), *small, *page.evaluate(_CONTRAST), *lost_focus(page)]


def lost_focus(page: Any) -> list[str]:
    """Return what cannot be reached by Tab in the order of the page, or does not show that it has the focus."""
    found, places = [], []
    page.evaluate("() => { document.activeElement.blur(); window.getSelection().removeAllRanges(); }")
    for _ in range(page.evaluate(_COUNT)):
        page.keyboard.press("Tab")
        focused = page.evaluate(_FOCUSED)
        if focused is None:
            break
        if not focused["ring"]:
            found.append(f"the focus is not shown: {focused['name']}")
        if not focused["seen"]:
            found.append(f"the focus is out of sight: {focused['name']}")
        places.append(focused["place"])
    if len(set(places)) < 3:
        found.append("the keyboard leads nowhere")
    if places != sorted(places):
        found.append("the focus jumps back on its way through the page")
    return found
