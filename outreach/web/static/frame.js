// The components of govuk-frontend, and what every page does.
import { initAll } from "./vendor/govuk.js";
import { announce, leadToField } from "./problems.js";

document.body.classList.add("js-enabled");
if ("noModule" in HTMLScriptElement.prototype) document.body.classList.add("govuk-frontend-supported");
document.querySelectorAll(".govuk-error-summary").forEach(leadToField);
announce();
initAll();

// A part that htmx brought may hold components too; those that run already complain, and stay.
document.body.addEventListener("htmx:after:swap", () => {
  initAll({ scope: document.body, onError: () => {} });
});

// Neither a look, nor what a page asks by itself.
const isAct = ({ method, headers }) => method !== "GET" && !headers["X-By-Itself"];

// A problem is read out and brought into view.
const problem = document.getElementById("problem");
if (problem) {
  new MutationObserver(() => {
    if (problem.firstElementChild) {
      leadToField(problem.firstElementChild);
      problem.firstElementChild.focus();
      problem.scrollIntoView({ block: "nearest" });
    }
  }).observe(problem, { childList: true });
  // What was asked next went well: the problem is over.
  document.body.addEventListener("htmx:before:swap", (event) => {
    const ctx = event.detail && event.detail.ctx;
    if (ctx && ctx.target !== problem && ctx.request && isAct(ctx.request)) problem.replaceChildren();
  });
}

// What was done and did not arrive is said: silence would pass for success. What a page asks by itself comes again.
const notArrived = document.getElementById("not-arrived");
function sayNotArrived({ request, sourceElement }) {
  if (!isAct(request) || sourceElement?.closest("[data-sent-again]")) return;
  problem?.replaceChildren(notArrived.content.cloneNode(true));
}
document.addEventListener("htmx:error", ({ detail }) => detail.ctx && sayNotArrived(detail.ctx));
// A gateway's own page, while the server starts anew, takes no part's place; our own errors say where they go.
document.addEventListener("htmx:before:response", (event) => {
  const { ctx } = event.detail;
  if (ctx.response.status < 500 || ctx.hx.retarget) return;
  event.preventDefault();
  sayNotArrived(ctx);
});

// A menu closes by Escape, and when one goes on elsewhere.
document.querySelectorAll("details[data-menu]").forEach((menu) => {
  const close = () => (menu.open = false);
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    close();
    menu.querySelector("summary").focus();
  });
  menu.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !menu.contains(event.relatedTarget)) close();
  });
  document.addEventListener("pointerdown", (event) => {
    if (!menu.contains(event.target)) close();
  });
});

// Without JavaScript a select has its button; with it, a change is enough.
document.body.addEventListener("change", (event) => {
  const field = event.target;
  if (field instanceof HTMLSelectElement && field.dataset.submit !== undefined) field.form.requestSubmit();
});

document.body.addEventListener("click", (event) => {
  const pressed = event.target instanceof Element && event.target.closest("[data-print]");
  if (pressed) window.print();
});
