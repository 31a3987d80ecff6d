// The demonstration page: draws what the server says, sends what hands do. It decides nothing.
"use strict";

const KEYS = ["1","2","3","A","4","5","6","B","7","8","9","C","*","0","#","D"];
const NAMES = {A: "A, the offered answer", B: "B, back", C: "C, park and leave", D: "D, details", "#": "hash, OK", "*": "star, other tasks"};
const SAID_MS = 6000;
let last = {};
let ticking = null;
let quiet = 0;

// One hand: what was done first arrives first, however quickly keys follow each other.
let before = Promise.resolve();
function act(action) { before = before.then(() => send(action)); }

async function send(action) {
  let said = "";
  try {
    const answer = await fetch("/do", {
      method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(action),
    });
    if (!answer.ok) said = (await answer.json().catch(() => ({}))).error || "That could not be done.";
  } catch { said = "The demonstration does not answer. Start it again with: make run"; }
  tell(said);
}

function tell(said) {                                         // what a hand just learnt
  clearTimeout(quiet);
  say(byId("said"), said);
  if (said) quiet = setTimeout(() => say(byId("said"), ""), SAID_MS);
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

function drawCards(parent, items, action) {
  keep(parent, items, (item) => item.id, (item) => make("button", {class: `card ${item.kind}`, "data-item": item.id,
    onclick: () => act(action(item))},
    make("span", {class: "code", "aria-hidden": "true"}), make("span", {}, make("b"), make("small"))),
  (node, item) => {
    say(node.querySelector("b"), item.title);
    say(node.querySelector("small"), item.detail);
    set(node, "aria-label", `${item.title}, ${item.detail}: hold it to the ${item.kind === "badge" ? "badge reader" : "scanner"}`);
    const code = node.querySelector(".code");
    if (code.dataset.drawn !== item.svg) { code.dataset.drawn = item.svg; code.innerHTML = item.svg; }
  });
}

function drawHands(hands) {
  const node = byId("hands");
  for (const empty of node.querySelectorAll(".empty")) empty.remove();
  drawCards(node, hands.map((pack) => ({...pack, kind: "pack"})), (item) => ({do: "scan_hand", index: item.index}));
  if (!hands.length) node.append(make("p", {class: "empty", text: "Nothing. Packs you take from a drawer appear here."}));
  set(byId("bedside"), "aria-disabled", hands.length === 0 ? "true" : false);
}

function drawTroubles(troubles) {
  keep(byId("troubles"), troubles, (trouble) => trouble.id, (trouble) => make("button", {"data-trouble": trouble.id,
    onclick: (event) => act({do: "trouble", trouble: trouble.id, on: event.currentTarget.getAttribute("aria-pressed") !== "true"})}),
  (node, trouble) => { set(node, "aria-pressed", String(trouble.on)); say(node, trouble.on ? trouble.undo : trouble.name); });
}

function tableIn(parent, headings) {
  if (!parent.firstChild) parent.append(make("table", {}, make("thead", {}, make("tr", {}, ...headings.map(([text, type]) =>
    make("th", {text, scope: "col", class: type || false})))), make("tbody")));
  return parent.querySelector("tbody");
}

function drawStock(stock) {
  const body = tableIn(byId("stock"), [["pocket"], ["medicine"], ["in stock", "number"]]);
  keep(body, stock, (row) => row.pocket, (row) => make("tr", {"data-stock": row.pocket}, make("td", {text: row.pocket}),
    make("td", {}, document.createTextNode(row.medicine), make("span", {class: "bar", "aria-hidden": "true"})), make("td", {class: "number"})),
  (node, row) => {
    const figure = row.quantity === null ? "-" : row.quantity.toLocaleString("en-GB"), cell = node.lastChild;
    if (cell.textContent === figure) return;
    const changed = cell.textContent !== "";
    say(cell, figure);
    node.querySelector(".bar").style.width = `${Math.min(100, 100 * row.quantity / Math.max(row.maximum, 1))}%`;
    node.classList.remove("changed");
    if (changed) { void node.offsetWidth; node.classList.add("changed"); node.scrollIntoView({block: "nearest"}); }
  });
}

function drawLog(lines) {
  const body = tableIn(byId("log"), [["line", "number"], ["time"], ["what"], ["receipt"]]);
  keep(body, lines, (line) => String(line.seq), (line) => make("tr", {"data-line": line.seq},
    make("td", {class: "number", text: String(line.seq)}), make("td", {text: line.time}),
    make("td", {class: "type"}, document.createTextNode(line.type), line.detail ? make("small", {text: ` ${line.detail}`}) : null),
    make("td", {class: "receipt"})),
  (node, line) => {
    const cell = node.lastChild;
    say(cell, line.receipt ? "\u2713" : "waits");
    cell.classList.toggle("tick", line.receipt);
    set(cell, "title", line.receipt ? "the pharmacy holds this line" : "not sent, or not answered yet");
  });
}

const TARGETS = {                                             // what the hint is about
  item: (what) => `[data-item="${what}"]`, key: (what) => `#keypad [data-key="${what}"]`,
  pull: (what) => `[data-drawer="${what}"] .handle`, push: (what) => `[data-drawer="${what}"] .handle`,
  take: (what) => `[data-pocket="${what}"] [data-act=take]`, hand: (what) => `#hands [data-item="hand ${what}"]`,
  trouble: (what) => `[data-trouble="${what}"]`, bedside: () => "#bedside",
};

function point(target) {
  const [kind, ...rest] = target.split(" ");
  const wanted = TARGETS[kind] ? document.querySelector(TARGETS[kind](rest.join(" "))) : null;
  for (const node of document.querySelectorAll(".wanted")) if (node !== wanted) node.classList.remove("wanted");
  if (wanted) wanted.classList.add("wanted");
  document.body.dataset.target = target;
  byId("reader").classList.toggle("ready", kind === "item");
  byId("scanner").classList.toggle("ready", kind === "hand");
}

function changed(state, ...names) { return names.some((name) => JSON.stringify(state[name]) !== JSON.stringify(last[name])); }

function draw(state) {
  say(byId("clock"), state.clock);
  say(byId("hint"), state.hint);
  byId("pharmacy-link").href = state.pharmacy;
  say(byId("show-me"), state.showing ? "Stop showing" : "Show me");
  document.body.classList.toggle("powerless", !state.power);
  if (changed(state, "screen", "power")) {
    drawDisplay(state.screen, state.power);
    const live = liveKeys(state.power ? state.screen : null);
    for (const button of byId("keypad").children) button.classList.toggle("live", live.has(button.dataset.key));
  }
  if (changed(state, "drawers", "hands", "alarm")) keep(byId("front"), state.drawers, (drawer) => String(drawer.drawer), makeDrawer,
    (node, drawer) => putDrawer(node, drawer, state.hands, state.alarm));
  if (changed(state, "tray")) {
    drawCards(byId("badges"), state.tray.filter((item) => item.kind === "badge"), (item) => ({do: "hold", item: item.id}));
    drawCards(byId("tray"), state.tray.filter((item) => item.kind !== "badge"), (item) => ({do: "hold", item: item.id}));
  }
  if (changed(state, "hands")) drawHands(state.hands);
  if (changed(state, "troubles")) drawTroubles(state.troubles);
  if (changed(state, "stock")) drawStock(state.stock);
  if (changed(state, "log")) drawLog(state.log);
  point(state.target);
  last = state;
  document.body.dataset.ready = "yes";
}

drawKeypad();
byId("show-me").addEventListener("click", () => act({do: "show_me"}));
byId("bedside").addEventListener("click", (event) => {
  if (event.currentTarget.getAttribute("aria-disabled") !== "true") act({do: "bedside"});
});
for (const button of document.querySelectorAll("[data-do=clock]"))
  button.addEventListener("click", () => act({do: "clock", minutes: Number(button.dataset.minutes)}));
document.addEventListener("keydown", (event) => {             // a real keyboard works as the keypad
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.target.closest("input, a")) return;
  const key = event.key.length === 1 ? event.key.toUpperCase() : event.key === "Backspace" ? "B" : "";
  if (KEYS.includes(key)) { event.preventDefault(); press(key); }
});

const events = new EventSource("/events");
events.onmessage = (event) => draw(JSON.parse(event.data));
events.onerror = () => tell("The demonstration has stopped, or starts again. If it does not: make run");
