// The desk: shortcuts, confirmations, the timer, and the page asked anew when the call changes.
import { begin, isWaiting, refusalOf, settle, wasRefused } from "./desk_text.js";

let desk = document.getElementById("desk");

// --- another person, or another try: the whole page anew, nothing typed is lost ---

// A form on its way brings the next page itself: nothing may cut in.
let leaving = false;
const LOOK_AGAIN = 4000; // milliseconds
window.addEventListener("pageshow", () => (leaving = false));

async function look() {
  const bar = document.getElementById("call-bar");
  if (!bar) return;
  suggest(bar.dataset.suggested);
  if (bar.dataset.scene === desk.dataset.scene || leaving) return;
  leaving = true;
  const now = await settle();
  leaving = now === "kept" || !isWaiting();
  if (!leaving) return;
  if (!telephone()) location.reload();
  else {
    const drawn = fetch("/desk").then(show);
    await drawn.catch(() => setTimeout(look, LOOK_AGAIN)).finally(() => (leaving = false));
  }
}

// --- a telephone in this page, and the call on it, live on while the desk goes to another person ---

const telephone = () => desk.querySelector("[data-softphone]");

async function show(answer) {
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const next = page.getElementById("desk");
  const told = page.querySelector("main .govuk-error-summary");
  if (next) replaceBy(document.adoptNode(next), page.title);
  else if (told && !answer.redirected) document.getElementById("problem").replaceChildren(document.adoptNode(told));
  else if (answer.ok || (answer.redirected && answer.status < 500)) location.assign(answer.url);
  else if (refusalOf(page)) problem(page.querySelector("main h1").textContent, refusalOf(page));
  else throw new Error(String(answer.status)); // a gateway's page: the call and its telephone stay in this one
}

// Without words: what was done did not arrive.
function problem(title = "", words = "") {
  const shown = document.getElementById("not-arrived").content.cloneNode(true);
  if (words) {
    shown.querySelector("h2").textContent = title;
    shown.querySelector("p").textContent = words;
  }
  document.getElementById("problem").replaceChildren(shown);
}

function replaceBy(next, title) {
  const focused = document.activeElement;
  next.querySelector("#softphone").replaceWith(document.getElementById("softphone"));
  desk.replaceWith(next);
  desk = next;
  document.title = title;
  document.getElementById("problem").replaceChildren();
  window.htmx.process(desk);
  begin();
  name();
  ((desk.contains(focused) && focused) || desk.querySelector("[autofocus]"))?.focus();
  bring(desk.querySelector("input[name=outcome]:checked"));
}

async function send(target, button) {
  const body = new URLSearchParams(new FormData(target, button));
  try {
    await show(await fetch(target.action, { method: "POST", body }));
  } catch {
    problem();
  } finally {
    leaving = false;
  }
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

// A contact was added: the hand goes on with the line's first field, unless it is elsewhere already.
document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  if (!/\/contacts\/\d+(\/link\/|$)/.test(ctx?.request?.action ?? "")) return;
  const line = document.getElementById(ctx.target.id);
  const here = document.activeElement === document.body || line?.contains(document.activeElement);
  if (here && !line.querySelector(".govuk-error-message")) line.querySelector("[data-draft]").focus();
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

// --- what can be undone goes at the second the server named, and not with its next news ---

let ends = { form: null, named: "", at: 0 };

function endUndo() {
  const form = document.getElementById("undo");
  if (!form) return;
  if (ends.form !== form || ends.named !== form.dataset.secondsLeft) {
    ends = { form, named: form.dataset.secondsLeft, at: performance.now() + 1000 * Number(form.dataset.secondsLeft) };
  }
  if (performance.now() >= ends.at) form.remove();
}
setInterval(endUndo, 1000);
endUndo();

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

const cleared = new WeakSet();

function question(target) {
  const grave = target.querySelector("input[name=outcome]:checked[data-grave]");
  if (grave) return `${grave.dataset.grave} ?`.replace(" ?", "\u202f?");
  return target.dataset.confirm || (byShortcut && target.dataset.confirmKey) || "";
}

async function mayGo(asked, leaves) {
  if (asked && !(await ask(asked))) return false;
  if (!leaves) return true;
  if (leaving) return false;
  leaving = true;
  await new Promise((done) => setTimeout(done)); // a form may be sent anew once its first event is over
  const now = await settle(); // the page says why not
  leaving = now === "kept" || now === "refused" || (now === "gone" && !isWaiting());
  return leaving;
}

document.addEventListener(
  "submit",
  async (event) => {
    const target = event.target;
    if (!(target instanceof HTMLFormElement) || target.method === "dialog" || cleared.has(target)) return;
    const asked = question(target);
    byShortcut = false;
    const leaves = target.method === "post" && !target.hasAttribute("hx-post");
    if (!asked && !leaves) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const button = event.submitter;
    if (await mayGo(asked, leaves)) {
      const own = button && button.form === target ? button : undefined;
      if (leaves && (telephone() || wasRefused()) && desk.contains(target)) return send(target, own);
      cleared.add(target);
      target.requestSubmit(own);
      cleared.delete(target);
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

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element && event.target.closest("[data-command=keys]");
  if (button) document.getElementById("keys").showModal();
});

// Which letter stands on a key here, where the browser tells.
function name() {
  navigator.keyboard?.getLayoutMap?.().then((map) => {
    for (const key of document.querySelectorAll("[data-code]")) {
      const letter = map.get(key.dataset.code);
      if (letter) key.textContent = letter.toUpperCase();
    }
  });
}
name();
