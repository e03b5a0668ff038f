// What is typed at the desk reaches the server, or the page says that it did not: fields that wait for the outcome
// (data-draft) and answers to the script. A lost line, a server that starts anew, a session that ended, a second
// screen: nothing typed is lost by them, and nobody leaves the page before everything has arrived.

const desk = () => document.getElementById("desk");
const SAVE_EVERY = 1000, AGAIN_EVERY = 4000, WAIT_AT_MOST = 8000; // milliseconds

const place = () => document.querySelector("[data-draft-for]");
const fields = () => [...desk().querySelectorAll("[data-draft]")];
const isChoice = (field) => field.type === "radio" || field.type === "checkbox";

// --- fields that wait for the outcome ---

// Of each name: what stands in the page, "" for nothing; as the server drew it, with `drawn`.
function typed(drawn = false) {
  const told = {};
  for (const field of fields()) {
    if (isChoice(field)) {
      told[field.name] ||= (drawn ? field.defaultChecked : field.checked) ? field.value : "";
    } else if (drawn && field instanceof HTMLSelectElement) {
      told[field.name] = [...field.options].find((option) => option.defaultSelected)?.value ?? "";
    } else told[field.name] = drawn ? field.defaultValue : field.value;
  }
  return told;
}

let kept = typed(true); // on the server, as far as this page knows
let seen = place()?.dataset.draftVersion ?? "";

function changes() {
  const changed = Object.entries(typed()).filter(([name, text]) => text !== (kept[name] ?? ""));
  return Object.fromEntries(changed);
}

function write(name, text) {
  for (const field of fields()) {
    if (field.name !== name) continue;
    if (isChoice(field)) field.checked = field.value === text;
    else if (field.value !== text) field.value = text;
  }
}

// Another screen typed meanwhile: what was changed here stays, the rest is theirs; of a note, both.
function putTogether(theirs, changed) {
  for (const name of new Set(fields().map((field) => field.name))) {
    const other = theirs[name] ?? "";
    if (!(name in changed)) write(name, other);
    else if (name === "note" && other && other !== kept.note && !changed.note.includes(other)) {
      write(name, `${other}\n${changed.note}`);
    }
  }
  kept = theirs;
}

// What an error's page of ours says; "" for pages of others.
export const refusalOf = (page) =>
  [...page.querySelectorAll("main [data-told], main [data-mend]")].map((words) => words.textContent.trim()).join(" ");

// A draft that is refused is refused again, until it is changed: too long, or of nobody.
const isRefusal = (status) => status >= 400 && status < 500 && ![408, 425, 429].includes(status);

function tellRefusal(drawn) {
  const words = refusalOf(new DOMParser().parseFromString(drawn, "text/html"));
  const line = document.getElementById("desk-refusal");
  if (line) line.textContent = words;
}

// "kept", or why not: "signed-out", "gone" (the person is in hand no more), "refused", "unreached".
async function post() {
  const changed = changes();
  const answer = await fetch(`/desk/entries/${place().dataset.draftFor}/draft`, {
    method: "POST",
    body: new URLSearchParams({ ...changed, "draft-seen": seen }),
    keepalive: true,
    redirect: "manual",
  });
  if (answer.type === "opaqueredirect") return "signed-out";
  if (answer.status === 409) return "gone";
  if (isRefusal(answer.status)) {
    tellRefusal(await answer.text());
    return "refused";
  }
  if (!answer.ok) throw new Error(String(answer.status));
  const { version, theirs } = await answer.json();
  seen = version;
  if (!theirs) {
    kept = { ...kept, ...changed };
    return "kept";
  }
  putTogether(theirs, changed);
  return Object.keys(changes()).length ? post() : "kept";
}

let state = "kept";
let saving = null;
let waiting = null;
let lastSaved = 0;

// Answers that did not arrive are on their way still, whatever became of the rest.
const inAll = (now) => ((now === "kept" || now === "refused") && unsent.size ? "unreached" : now);

function tell(now) {
  state = inAll(now);
  const line = document.getElementById("draft-state");
  if (line) line.textContent = now === "kept" ? line.dataset.saved : line.dataset.unsaved;
  const away = document.getElementById("desk-away");
  for (const words of away?.children ?? []) words.hidden = words.dataset.away !== state;
}

// One at a time: the second sends what the first could not know of.
async function save() {
  clearTimeout(waiting);
  waiting = null;
  while (saving) await saving;
  if (!place()) return "kept";
  lastSaved = Date.now();
  saving = post().catch(() => "unreached");
  const now = await saving;
  saving = null;
  tell(now);
  return now;
}

function keep({ target }) {
  if (!(target instanceof Element) || !target.matches("[data-draft]") || !place()) return;
  waiting ??= setTimeout(save, Math.max(200, lastSaved + SAVE_EVERY - Date.now()));
}

// --- answers to the script ---

const unsent = new Map(); // address of a question: the answer that did not arrive
let asking = 0;

const answers = new WeakSet(); // requests that carry one
const isAnswer = (ctx) => answers.has(ctx ?? {});

function mark() {
  for (const question of desk().querySelectorAll(".desk-question")) {
    question.toggleAttribute("data-unsent", unsent.has(question.getAttribute("action")));
  }
}

function notSent(ctx, why) {
  unsent.set(ctx.request.action, ctx.request.body?.get("value") ?? "");
  mark();
  tell(why);
}

document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  if (!ctx.sourceElement.matches(".desk-question")) return;
  answers.add(ctx);
  asking += 1;
  ctx.request.keepalive = true;
});
document.addEventListener("htmx:before:response", (event) => {
  const { ctx } = event.detail;
  const signedOut = (ctx.hx.redirect ?? "").startsWith("/sign-in");
  if (isAnswer(ctx)) {
    if (signedOut) notSent(ctx, "signed-out");
    else if (ctx.response.status >= 500) notSent(ctx, "unreached");
    else unsent.delete(ctx.request.action);
  }
  // Whoever is signed out stays while something typed is here alone.
  if (signedOut && isWaiting()) {
    tell("signed-out");
    event.preventDefault();
  }
});
document.addEventListener("htmx:error", ({ detail: { ctx } }) => isAnswer(ctx) && notSent(ctx, "unreached"));
document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => isAnswer(ctx) && (asking -= 1));
document.addEventListener("htmx:after:settle", mark);

async function sendAgain() {
  for (const [address, value] of unsent) {
    const form = desk().querySelector(`.desk-question[action="${CSS.escape(address)}"]`);
    if (!form) unsent.delete(address); // no longer asked
    else await window.htmx.ajax("POST", address, { source: form, target: "#script", values: { value } });
    if (unsent.has(address)) return; // still away
  }
  if (!unsent.size && state !== "kept") await save();
}

async function answersAsked() {
  const until = Date.now() + WAIT_AT_MOST;
  while (asking > 0 && Date.now() < until) await new Promise((done) => setTimeout(done, 20));
}

// --- for whoever leaves the page ---

/** The server drew the desk anew. */
export function begin() {
  kept = typed(true);
  seen = place()?.dataset.draftVersion ?? "";
  unsent.clear();
  state = "kept";
}

/** Whether something typed is in this page alone. */
export function isWaiting() {
  return unsent.size > 0 || Object.keys(changes()).length > 0;
}

/** Sends all that was typed; "kept" when all of it has arrived, else why not. */
export async function settle() {
  if (document.activeElement?.closest("#script")) document.activeElement.blur(); // its change is an answer
  await answersAsked();
  if (unsent.size) await sendAgain();
  await answersAsked();
  return inAll(await save());
}

/** Whether the server refused what is typed: forms go nevertheless, with words of their own. */
export const wasRefused = () => state === "refused";

let trying = false;
async function tryAgain() {
  if (trying || (state === "kept" && !unsent.size && (waiting !== null || !isWaiting()))) return;
  trying = true;
  if (unsent.size) await sendAgain().catch(() => {});
  else if (state !== "gone" && state !== "refused") await save();
  trying = false;
}

document.body.addEventListener("input", keep);
document.body.addEventListener("change", keep);
window.addEventListener("pagehide", () => place() && isWaiting() && post().catch(() => {}));
window.addEventListener("online", tryAgain);
setInterval(tryAgain, AGAIN_EVERY);
// What another screen typed since.
const wake = () => document.hidden || !place() || state === "gone" || save();
document.addEventListener("visibilitychange", wake);
window.addEventListener("focus", wake);
