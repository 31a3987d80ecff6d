// The demonstration page: draws what the server says, sends what hands do. It decides nothing.
"use strict";

const KEYS = ["1","2","3","A","4","5","6","B","7","8","9","C","*","0","#","D"];
const NAMES = {A: "A, the offered answer", B: "B, back", C: "C, park and leave", D: "D, details", "#": "hash, OK", "*": "star, other tasks"};
const byId = (id) => document.getElementById(id);
let last = {};
let ticking = null;

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

async function act(action) {
  const answer = await fetch("/do", {
    method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(action),
  });
  if (!answer.ok) {
    const said = await answer.json().catch(() => ({error: "That could not be done."}));
    byId("hint").textContent = said.error;
  }
}

function tick() {                                             // a key that clicks
  try {
    ticking = ticking || new AudioContext();
    const sound = ticking.createOscillator(), volume = ticking.createGain();
    sound.frequency.value = 1800; volume.gain.value = 0.02;
    sound.connect(volume).connect(ticking.destination);
    sound.start(); sound.stop(ticking.currentTime + 0.02);
  } catch { /* a page without sound still works */ }
}

function press(key) { tick(); act({do: "key", key}); }

function drawKeypad() {
  byId("keypad").replaceChildren(...KEYS.map((key) => make("button", {
    class: /[A-D*#]/.test(key) ? "letter" : "", "data-key": key, "aria-label": NAMES[key] || key,
    text: key, onclick: () => press(key),
  })));
}

function emphasised(line) {                                   // generic name and dose in bold
  const parts = [];
  let rest = line.text;
  for (const word of line.bold || []) {
    const at = rest.indexOf(word);
    if (at < 0) continue;
    parts.push(document.createTextNode(rest.slice(0, at)), make("b", {text: word}));
    rest = rest.slice(at + word.length);
  }
  parts.push(document.createTextNode(rest));
  return parts;
}

function drawDisplay(screen, power) {
  byId("dark").hidden = power;
  const node = byId("display");
  if (!power || !screen) { node.replaceChildren(); return; }
  const children = [make("div", {class: "d-head"},
    make("span", {class: "title", text: screen.title}), make("span", {text: screen.status}))];
  for (const notice of screen.notices) children.push(make("div", {class: "d-notice", text: notice}));
  if (screen.banner) {
    const b = screen.banner;
    const bad = b.allergies.startsWith("ALLERGY "), unknown = b.allergies.includes("NOT RECORDED");
    const fact = (label, value) => make("span", {}, make("span", {class: "label", text: label}), make("b", {text: value}));
    children.push(make("div", {class: "d-banner"},
      make("div", {class: "who"}, make("span", {class: "name", text: b.name}), fact("Born", b.born),
        fact("Gender", b.gender), fact("NHS No.", b.nhs), make("span", {text: b.place})),
      make("div", {class: `allergy ${bad ? "bad" : unknown ? "unknown" : ""}`, text: b.allergies})));
  }
  children.push(make("div", {class: "d-lines"}, ...screen.lines.map((line) =>
    line.mark === "rule" ? make("div", {class: "d-line rule"})
      : line.choice ? make("div", {class: `d-line ${line.mark}`}, make("span", {class: "choice", text: line.choice}), make("span", {}, ...emphasised(line)))
        : make("div", {class: `d-line plain ${line.mark}`}, make("span", {}, ...emphasised(line))))));
  if (screen.prompt) children.push(make("div", {class: "d-prompt", text: screen.prompt}));
  children.push(make("div", {class: "d-keys"}, ...screen.keys.map((key) =>
    make("span", {}, make("kbd", {text: key.key}), document.createTextNode(key.meaning)))));
  node.replaceChildren(...children);
  node.dataset.screen = screen.id;
  const live = new Set(screen.keys.map((key) => key.key));
  const digits = screen.keys.some((key) => /\d-\d/.test(key.key)) || /number|PIN|How many|how many|digits/.test(screen.prompt);
  for (const button of byId("keypad").children) {
    const key = button.dataset.key;
    button.classList.toggle("live", live.has(key) || (digits && /\d/.test(key)));
  }
}

function drawFront(drawers, hands) {
  byId("front").replaceChildren(...drawers.map((drawer) => {
    const held = (pocket) => hands.filter((pack) => pack.pocket === pocket).length;
    const state = drawer.open ? "open" : drawer.released ? "unlocked - open it" : "locked";
    return make("article", {class: `drawer ${drawer.open ? "open" : ""} ${drawer.released && !drawer.open ? "released" : ""}`, "aria-label": `Drawer ${drawer.drawer}`, "data-drawer": drawer.drawer},
      make("header", {}, make("span", {class: "n", text: `Drawer ${drawer.drawer}`}), make("span", {class: "state", text: state})),
      make("div", {class: "pockets"}, ...drawer.pockets.map((pocket) => make("div", {class: `pocket ${pocket.lit ? "lit" : ""}`, "data-pocket": pocket.pocket},
        make("span", {text: pocket.lit ? `\u25CF ${pocket.pocket} lit` : pocket.pocket, class: pocket.lit ? "lamp" : ""}),
        make("div", {text: pocket.label}),
        drawer.open ? make("div", {class: "packs", role: "img", "aria-label": `${pocket.packs} inside`}, ...Array.from({length: Math.min(pocket.packs, 24)}, () => make("span", {class: "pack"}))) : null,
        drawer.open ? make("div", {class: "buttons"},
          make("button", {text: "take 1", disabled: pocket.packs === 0, "aria-label": `take 1 from pocket ${pocket.pocket}`, onclick: () => act({do: "take", pocket: pocket.pocket})}),
          held(pocket.pocket) ? make("button", {text: "put 1 back", "aria-label": `put 1 back into pocket ${pocket.pocket}`, onclick: () => act({do: "back", pocket: pocket.pocket})}) : null) : null))),
      make("footer", {},
        drawer.open ? make("button", {text: "push closed", "aria-label": `push drawer ${drawer.drawer} closed`, onclick: () => act({do: "close", drawer: drawer.drawer})})
          : make("button", {text: "pull open", "aria-label": `pull drawer ${drawer.drawer} open`, onclick: () => act({do: "open", drawer: drawer.drawer})}),
        drawer.open ? null : make("button", {text: "force", "aria-label": `force drawer ${drawer.drawer}`, onclick: () => act({do: "force", drawer: drawer.drawer})})));
  }));
}

function card(item, onclick, wanted) {
  return make("button", {class: `card ${wanted ? "wanted" : ""}`, "data-item": item.id, onclick, "aria-label": `${item.title}, ${item.detail}: hold it to the ${item.kind === "badge" ? "badge reader" : "scanner"}`},
    make("span", {html: item.svg, "aria-hidden": "true"}), make("span", {}, make("b", {text: item.title}), make("small", {text: item.detail})));
}

function drawTray(tray, screen) {
  const badge = screen && screen.id === "signin.badge";
  byId("tray").replaceChildren(...tray.map((item) => card(item, () => act({do: "hold", item: item.id}), badge && item.kind === "badge")));
  byId("reader").classList.toggle("wanted", Boolean(badge));
}

function drawHands(hands, screen) {
  const wanted = screen && /scan/i.test(screen.prompt || "");
  byId("scanner").classList.toggle("wanted", Boolean(wanted));
  byId("hands").replaceChildren(...(hands.length ? hands.map((pack) =>
    card({...pack, kind: "pack"}, () => act({do: "scan_hand", index: pack.index}), wanted)) : [make("p", {class: "empty", text: "Nothing."})]));
}

function drawTroubles(troubles) {
  byId("troubles").replaceChildren(...troubles.map((trouble) => make("button", {
    "aria-pressed": String(trouble.on), text: trouble.on ? trouble.undo : trouble.name, "data-trouble": trouble.id,
    onclick: () => act({do: "trouble", trouble: trouble.id, on: !trouble.on}),
  })));
}

function drawStock(stock) {
  const before = new Map((last.stock || []).map((row) => [row.pocket, row.quantity]));
  byId("stock").replaceChildren(make("table", {},
    make("thead", {}, make("tr", {}, make("th", {text: "pocket", scope: "col"}), make("th", {text: "medicine", scope: "col"}), make("th", {class: "number", text: "in stock", scope: "col"}))),
    make("tbody", {}, ...stock.map((row) => make("tr", {class: before.has(row.pocket) && before.get(row.pocket) !== row.quantity ? "changed" : "", "data-stock": row.pocket},
      make("td", {text: row.pocket}), make("td", {text: row.medicine}, make("span", {class: "bar", style: `width:${Math.min(100, 100 * row.quantity / Math.max(row.maximum, 1))}%`, "aria-hidden": "true"})),
      make("td", {class: "number", text: row.quantity === null ? "-" : row.quantity.toLocaleString("en-GB")}))))));
}

function drawLog(lines) {
  byId("log").replaceChildren(make("table", {},
    make("thead", {}, make("tr", {}, make("th", {class: "number", text: "line", scope: "col"}), make("th", {text: "time", scope: "col"}), make("th", {text: "what", scope: "col"}), make("th", {text: "receipt", scope: "col"}))),
    make("tbody", {}, ...lines.map((line) => make("tr", {"data-line": line.seq},
      make("td", {class: "number", text: String(line.seq)}), make("td", {text: line.time}),
      make("td", {class: "type"}, document.createTextNode(line.type), line.detail ? make("small", {text: ` ${line.detail}`}) : null),
      make("td", {}, line.receipt ? make("span", {class: "tick", text: "\u2713", title: "the pharmacy holds this line"}) : make("span", {text: "waits"})))))));
}

function changed(state, ...names) { return names.some((name) => JSON.stringify(state[name]) !== JSON.stringify(last[name])); }

function keepFocus(draw) {                                    // redrawing must not lose the keyboard
  const active = document.activeElement, label = active && active.getAttribute("aria-label");
  draw();
  if (label && !document.contains(active)) {
    const again = [...document.querySelectorAll("button")].find((button) => button.getAttribute("aria-label") === label);
    if (again) again.focus();
  }
}

function draw(state) {
  byId("clock").textContent = state.clock;
  byId("hint").textContent = state.hint;
  byId("pharmacy-link").href = state.pharmacy;
  byId("show-me").textContent = state.showing ? "Stop" : "Show me";
  if (changed(state, "screen", "power")) drawDisplay(state.screen, state.power);
  keepFocus(() => {
    if (changed(state, "drawers", "hands")) drawFront(state.drawers, state.hands);
    if (changed(state, "tray", "screen")) drawTray(state.tray, state.screen);
    if (changed(state, "hands", "screen")) drawHands(state.hands, state.screen);
    if (changed(state, "troubles")) drawTroubles(state.troubles);
  });
  if (changed(state, "stock")) drawStock(state.stock);
  if (changed(state, "log")) drawLog(state.log);
  last = state;
  document.body.dataset.ready = "yes";
}

drawKeypad();
byId("show-me").addEventListener("click", () => act({do: "show_me"}));
for (const button of document.querySelectorAll("[data-do=clock]"))
  button.addEventListener("click", () => act({do: "clock", minutes: Number(button.dataset.minutes)}));
document.addEventListener("keydown", (event) => {             // a real keyboard works as the keypad
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, a")) return;
  const key = event.key.length === 1 ? event.key.toUpperCase() : event.key === "Backspace" ? "B" : "";
  if (KEYS.includes(key)) { event.preventDefault(); press(key); }
});

function listen() {
  const events = new EventSource("/events");
  events.onmessage = (event) => draw(JSON.parse(event.data));
  events.onerror = () => { byId("hint").textContent = "The demonstration has stopped. Start it again with: make run"; };
}
listen();
