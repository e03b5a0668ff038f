// The desk: typed text is kept, shortcuts, confirmations, the timer, and the page asked anew when the call changes.

const desk = document.getElementById("desk");
const SAVE_EVERY = 1000; // milliseconds

// --- what was typed is kept on the server, once a second at most ---

let waiting = null;
let lastSaved = 0;
let unsaved = false;

function form() {
  return document.querySelector("[data-draft-for]");
}

function typed() {
  const fields = new URLSearchParams();
  for (const field of desk.querySelectorAll("[data-draft]")) {
    if ((field.type === "radio" || field.type === "checkbox") && !field.checked) continue;
    if (field.value) fields.set(field.name, field.value);
  }
  return fields;
}

function say(saved) {
  const line = document.getElementById("draft-state");
  if (line) line.textContent = saved ? line.dataset.saved : line.dataset.unsaved;
}

async function save() {
  waiting = null;
  if (!unsaved || !form()) return;
  unsaved = false;
  lastSaved = Date.now();
  try {
    const answer = await fetch(`/desk/entries/${form().dataset.draftFor}/draft`, {
      method: "POST",
      body: typed(),
      keepalive: true,
    });
    if (!answer.ok) throw new Error(String(answer.status));
    say(true);
  } catch {
    unsaved = true;
    say(false);
  }
}

function keep(event) {
  if (!(event.target instanceof Element) || !event.target.matches("[data-draft]") || !form()) return;
  unsaved = true;
  if (waiting === null) waiting = setTimeout(save, Math.max(200, lastSaved + SAVE_EVERY - Date.now()));
}

document.body.addEventListener("input", keep);
document.body.addEventListener("change", keep);
window.addEventListener("pagehide", save);
setInterval(() => unsaved && waiting === null && save(), 5000);

// --- another person, or another try: the whole page anew, nothing typed is lost ---

// A form on its way brings the next page itself: nothing may cut in.
let leaving = false;
document.body.addEventListener("submit", (event) => {
  const target = event.target;
  if (target.method !== "post" || target.hasAttribute("hx-post")) return;
  leaving = true;
  // An outcome carries its own words; whom the agent gives back needs none.
  if (target === form() || target.dataset.ends !== undefined) unsaved = false;
  else save();
});

async function look() {
  const bar = document.getElementById("call-bar");
  if (!bar) return;
  suggest(bar.dataset.suggested);
  if (bar.dataset.scene === desk.dataset.scene || leaving) return;
  leaving = true;
  await save();
  location.reload();
}

// What the line says is chosen beforehand, unless the agent chose already.
function suggest(outcome) {
  if (!outcome || leaving || desk.querySelector("input[name=outcome]:checked")) return;
  const choice = document.getElementById(`outcome-${outcome}`);
  if (!choice) return;
  choice.checked = true;
  bring(choice);
}

// Into view inside its own column; where the page itself scrolls, nothing jumps.
function bring(choice) {
  const column = choice && choice.closest(".desk-wrap-up");
  if (!column) return;
  const place = choice.getBoundingClientRect().top - column.getBoundingClientRect().top;
  column.scrollTop += place - column.clientHeight / 2;
}
bring(desk.querySelector("input[name=outcome]:checked"));

document.body.addEventListener("htmx:after:settle", () => {
  look();
  tick();
});

// What happened between the drawing of the page and its first news.
new MutationObserver(() => {
  if (document.body.dataset.connection === "open") document.body.dispatchEvent(new CustomEvent("live-agent"));
}).observe(document.body, { attributes: true, attributeFilter: ["data-connection"] });

// --- the timer ---

// The server's clock alone counts: we add what passed since it told.
let told = { seconds: "", at: 0 };

function tick() {
  const timer = desk.querySelector("[data-seconds]");
  if (!timer) return;
  if (told.seconds !== timer.dataset.seconds) told = { seconds: timer.dataset.seconds, at: performance.now() };
  const seconds = Number(told.seconds) + Math.floor((performance.now() - told.at) / 1000);
  const clock = [Math.floor(seconds / 60), seconds % 60].map((part) => String(part).padStart(2, "0"));
  timer.textContent = clock.join(":");
}
setInterval(tick, 1000);
tick();

// --- what cannot be taken back easily is asked twice ---

function ask(question) {
  const dialog = document.getElementById("confirm");
  document.getElementById("confirm-question").textContent = question;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((answer) =>
    dialog.addEventListener("close", () => answer(dialog.returnValue === "yes"), { once: true }),
  );
}

const confirmed = new WeakSet();

function question(target) {
  const grave = target.querySelector("input[name=outcome]:checked[data-grave]");
  if (grave) return `${grave.dataset.grave} ?`.replace(" ?", "\u202f?");
  return target.dataset.confirm || (byShortcut && target.dataset.confirmKey) || "";
}

document.addEventListener(
  "submit",
  async (event) => {
    const target = event.target;
    if (!(target instanceof HTMLFormElement) || target.method === "dialog" || confirmed.has(target)) return;
    const asked = question(target);
    byShortcut = false;
    if (!asked) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const button = event.submitter;
    if (await ask(asked)) {
      confirmed.add(target);
      target.requestSubmit(button);
      confirmed.delete(target);
    } else if (button) button.focus();
  },
  true,
);

// --- shortcuts: by the place of the key, with Alt and Shift ---

let byShortcut = false;
const keys = JSON.parse(desk.dataset.keys || "{}");
const commandOf = Object.fromEntries(Object.entries(keys).map(([command, code]) => [code, command]));
const places = { script: "script", contacts: "contacts", note: "note", outcomes: "outcomes" };

function choose(digit) {
  const choice = desk.querySelector(`[data-digit="${digit}"]`);
  if (!choice) return false;
  choice.checked = true;
  choice.focus();
  choice.dispatchEvent(new Event("change", { bubbles: true }));
  return true;
}

function run(command) {
  if (command === "keys") {
    document.getElementById("keys").showModal();
    return true;
  }
  const place = places[command] && document.getElementById(places[command]);
  if (place) {
    const checked = command === "outcomes" && place.querySelector(":checked, input");
    (checked || place).focus();
    place.scrollIntoView({ block: "nearest" });
    return true;
  }
  const button = desk.querySelector(`[data-command="${command}"]:not([disabled])`);
  if (!button) return false;
  byShortcut = true;
  button.focus();
  button.click();
  byShortcut = false;
  return true;
}

document.addEventListener("keydown", (event) => {
  if (document.querySelector("dialog[open]")) return;
  const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code);
  const withBoth = event.altKey && event.shiftKey && !event.ctrlKey && !event.metaKey;
  const onOutcomes = event.target instanceof Element && event.target.matches("input[name=outcome], #outcomes");
  const plain = !event.altKey && !event.ctrlKey && !event.metaKey && onOutcomes;
  if (digit && (withBoth || plain)) {
    if (choose(digit[1])) event.preventDefault();
  } else if (withBoth && commandOf[event.code] && run(commandOf[event.code])) event.preventDefault();
});

desk.addEventListener("click", (event) => {
  const button = event.target instanceof Element && event.target.closest("[data-command=keys]");
  if (button) document.getElementById("keys").showModal();
});

// Which letter stands on a key here, where the browser tells.
if (navigator.keyboard && navigator.keyboard.getLayoutMap) {
  navigator.keyboard.getLayoutMap().then((map) => {
    for (const key of document.querySelectorAll("[data-code]")) {
      const letter = map.get(key.dataset.code);
      if (letter) key.textContent = letter.toUpperCase();
    }
  });
}
