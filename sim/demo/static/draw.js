// Drawing: makes nodes once and changes them in place, so that nothing jumps, drawers slide, and
// the keyboard's place on the page is never lost.
"use strict";

const ROW_MAX = 20;                                           // packs drawn in a pocket; the figure says the rest
const byId = (id) => document.getElementById(id);

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (name === "text") node.textContent = value;
    else if (name === "html") node.innerHTML = value;           // only SVG drawn by our own server
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

function say(node, text) { if (node.textContent !== text) node.textContent = text; }

function set(node, name, value) {
  if (value === false || value === null) node.removeAttribute(name);
  else if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
}

// Children of `parent` become one node an item, kept by key; `put` brings a node up to date.
function keep(parent, items, key, create, put) {
  const old = new Map([...parent.children].map((node) => [node.dataset.key, node]));
  const wanted = items.map((item, index) => {
    const name = key(item, index);
    const node = old.get(name) || create(item, index);
    node.dataset.key = name;
    put(node, item, index);
    return node;
  });
  const active = document.activeElement;
  for (const node of [...parent.children]) {
    if (wanted.includes(node)) continue;
    if (node.contains(active)) (node.previousElementSibling || node.nextElementSibling || parent).focus();
    node.remove();
  }
  wanted.forEach((node, index) => { if (parent.children[index] !== node) parent.insertBefore(node, parent.children[index] || null); });
}

function emphasised(line) {                                   // generic name and dose in bold
  const parts = [];
  let rest = line.text;
  for (const word of line.bold || []) {
    const dose = rest.indexOf(`DOSE ${word}`);                  // the amount ordered, not the strength
    const at = dose < 0 ? rest.indexOf(word) : dose + 5;
    if (at < 0) continue;
    parts.push(document.createTextNode(rest.slice(0, at)), make("b", {text: word}));
    rest = rest.slice(at + word.length);
  }
  parts.push(document.createTextNode(rest));
  return parts;
}

function drawnLine(line) {
  if (line.mark === "rule") return make("div", {class: "d-line rule"});
  const text = make("span", {}, ...emphasised(line));
  if (!line.choice) return make("div", {class: `d-line plain ${line.mark}`}, text);
  return make("div", {class: `d-line ${line.mark}`}, make("span", {class: "choice", text: line.choice}), text);
}

function drawnBanner(b) {
  const bad = b.allergies.startsWith("ALLERGY "), unknown = b.allergies.includes("NOT RECORDED");
  const fact = (label, value) => make("span", {class: "fact"}, make("span", {class: "label", text: `${label} `}), make("b", {text: value}));
  return make("div", {class: "d-banner"},
    make("div", {class: "who"}, make("span", {class: "name", text: b.name}), fact("Born", b.born),
      fact("Gender", b.gender), fact("NHS No.", b.nhs), make("span", {class: "fact place", text: b.place})),
    make("div", {class: `allergy ${bad ? "bad" : unknown ? "unknown" : ""}`, text: b.allergies}));
}

function drawDisplay(screen, power) {
  byId("dark").hidden = power;
  const node = byId("display");
  if (!power || !screen) { node.replaceChildren(); delete node.dataset.screen; return; }
  const before = node.querySelector(".d-lines");
  const scrolled = before && node.dataset.screen === screen.id ? before.scrollTop : 0;
  const head = make("div", {class: "d-head"},
    screen.title ? make("span", {class: "title", text: screen.title}) : make("span"), make("span", {text: screen.status}));
  const body = make("div", {class: "d-lines", tabindex: "0", role: "group", "aria-label": "what the screen says"}, ...screen.lines.map(drawnLine));
  node.replaceChildren(head, ...screen.notices.map((notice) => make("div", {class: "d-notice", text: notice})),
    ...(screen.banner ? [drawnBanner(screen.banner)] : []), body,
    ...(screen.prompt ? [make("div", {class: "d-prompt", text: screen.prompt})] : []),
    make("div", {class: "d-keys"}, ...screen.keys.map((key) =>
      make("span", {}, make("kbd", {text: key.key}), document.createTextNode(key.meaning)))));
  node.dataset.screen = screen.id;
  node.classList.toggle("idle", screen.id === "signin.badge");
  body.scrollTop = scrolled;
  if (body.scrollHeight <= body.clientHeight) body.removeAttribute("tabindex");
}

function liveKeys(screen) {                                   // the keys that do something now
  if (!screen) return new Set();
  const live = new Set(screen.keys.map((key) => key.key));
  const digits = /number|PIN|how many|digits|\bday\b/i.test(screen.prompt);
  const range = screen.keys.map((key) => /^(\d)-(\d)$/.exec(key.key)).find(Boolean);
  const offered = new Set(screen.lines.map((line) => line.choice));
  for (let digit = 0; digit <= 9; digit += 1)
    if (digits || (range && offered.has(String(digit)))) live.add(String(digit));
  return live;
}

function makeDrawer(drawer) {
  const n = drawer.drawer;
  const toggle = make("button", {class: "handle", "data-act": "pull", onclick: (event) => {
    event.stopPropagation();
    act({do: event.currentTarget.dataset.act === "pull" ? "open" : "close", drawer: n});
  }});
  return make("article", {class: "drawer", "aria-label": `Drawer ${n}`, "data-drawer": n},
    make("div", {class: "inside"}, ...drawer.pockets.map(makePocket)),
    make("div", {class: "face", onclick: (event) => {
      if (event.currentTarget.parentNode.dataset.state !== "open") act({do: "open", drawer: n});
    }},
      make("div", {class: "plate"}, make("span", {class: "n", text: String(n)}), make("span", {class: "lamp", "aria-hidden": "true"}),
        make("span", {class: "state"}), toggle),
      make("ul", {class: "labels"}, ...drawer.pockets.map((pocket) => make("li", {"data-label": pocket.pocket},
        make("span", {class: "where", text: pocket.pocket}), make("span", {class: "what", text: `${pocket.label} ${pocket.strength}`})))),
      make("button", {class: "force", "data-act": "force", text: "force", "aria-label": `force drawer ${n} open`,
        onclick: (event) => { event.stopPropagation(); act({do: "force", drawer: n}); }})));
}

function makePocket(pocket) {
  const where = pocket.pocket;
  const hand = (name, label, said, action) => make("button", {"data-act": name, text: label, "aria-label": `${said} pocket ${where}`, title: `${said} pocket ${where}`,
    onclick: (event) => { if (event.currentTarget.getAttribute("aria-disabled") !== "true") act(action); }});
  return make("div", {class: "pocket", role: "group", "aria-label": `pocket ${where}`, "data-pocket": where},
    make("div", {class: "what"}, make("span", {class: "where", text: where}), document.createTextNode(` ${pocket.label} ${pocket.strength}`)),
    make("div", {class: "do"}, hand("take", "take", "take 1 from", {do: "take", pocket: where}), hand("back", "back", "back: put 1 into", {do: "back", pocket: where}),
      make("span", {class: "packs", role: "img"})),
    make("div", {class: "row", "aria-hidden": "true"}));
}

function putDrawer(node, drawer, hands, alarm) {
  const state = drawer.open ? "open" : drawer.released ? "unlocked" : "locked";
  set(node, "data-state", state);
  const lit = drawer.pockets.some((pocket) => pocket.lit);
  node.classList.toggle("lit", lit);
  node.classList.toggle("forced", drawer.open && !lit && alarm);
  say(node.querySelector(".state"), state === "unlocked" ? "unlocked: pull" : state);
  const handle = node.querySelector(".handle");
  set(handle, "data-act", drawer.open ? "push" : "pull");
  say(handle, drawer.open ? "push closed" : "pull open");
  set(handle, "aria-label", drawer.open ? `push drawer ${drawer.drawer} closed` : `pull drawer ${drawer.drawer} open`);
  const inside = node.querySelector(".inside"), active = document.activeElement;
  if (!drawer.open && inside.contains(active)) handle.focus();
  inside.inert = !drawer.open;
  const force = node.querySelector(".force");
  if (drawer.open && force === active) handle.focus();
  force.disabled = drawer.open;
  drawer.pockets.forEach((pocket, index) => {
    putPocket(inside.children[index], pocket, hands.filter((pack) => pack.pocket === pocket.pocket).length);
    node.querySelectorAll(".labels li")[index].classList.toggle("lit", pocket.lit);
  });
}

function putPocket(node, pocket, held) {
  node.classList.toggle("lit", pocket.lit);
  set(node, "data-packs", pocket.packs);
  set(node.querySelector("[data-act=take]"), "aria-disabled", pocket.packs === 0 ? "true" : false);
  set(node.querySelector("[data-act=back]"), "aria-disabled", held === 0 ? "true" : false);
  const packs = node.querySelector(".packs");
  if (packs.dataset.drawn === String(pocket.packs)) return;
  packs.dataset.drawn = pocket.packs;
  set(packs, "aria-label", `${pocket.packs} inside`);
  say(packs, String(pocket.packs));
  node.querySelector(".row").replaceChildren(...Array.from({length: Math.min(pocket.packs, ROW_MAX)}, () => make("i")));
}
