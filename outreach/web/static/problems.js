// A problem leads to its field: the sentence becomes a link, and stands beside the field too.

const BESIDE = "govuk-error-message";

const CONTROLS = "input:not([type=hidden]), select, textarea, fieldset";

// By its id first: a form of its own may stand on each line of a list.
function fieldOf(name, within) {
  const place = document.getElementById(within) ?? document.querySelector("main");
  const named = [`[id="${CSS.escape(name)}"]`, `[name="${CSS.escape(name)}"]`];
  const found = named.flatMap((each) => [...place.querySelectorAll(each)]);
  return found.find((each) => each.matches(CONTROLS));
}

function linked(sentence, field) {
  const link = document.createElement("a");
  link.href = `#${field.id}`;
  link.append(...sentence.childNodes);
  sentence.append(link);
}

function beside(field, words) {
  const group = field.closest(".govuk-form-group") ?? field.parentElement;
  if (group.querySelector(`.${BESIDE}`)) return; // the page says it already
  const told = document.createElement("p");
  told.className = BESIDE;
  told.id = `${field.id}-error`;
  told.textContent = words;
  group.classList.add("govuk-form-group--error");
  (field.closest(".govuk-radios, .govuk-checkboxes, .govuk-input__wrapper") ?? field).before(told);
  field.setAttribute("aria-describedby", `${field.getAttribute("aria-describedby") ?? ""} ${told.id}`.trim());
  field.setAttribute("aria-invalid", "true");
  for (const kind of ["input", "select", "textarea"]) {
    if (field.classList.contains(`govuk-${kind}`)) field.classList.add(`govuk-${kind}--error`);
  }
}

/** `summary`: frame/_problem.html. */
export function leadToField(summary) {
  const field = summary.dataset.field && fieldOf(summary.dataset.field, summary.dataset.within);
  const sentence = summary.querySelector("[data-told]");
  if (!field || !sentence || summary.dataset.led) return;
  summary.dataset.led = "yes";
  field.id ||= `field-${field.name}`;
  const mend = summary.querySelector("[data-mend]")?.textContent ?? "";
  beside(field, `${sentence.textContent} ${mend}`.trim());
  linked(sentence, field);
  summary.querySelector(".app-problem-field")?.remove();
}

/** A page that came with a problem says so in its title, as a tab or a screen reader tells it. */
export function announce() {
  const summary = document.querySelector("main .govuk-error-summary[data-error]");
  if (summary) document.title = `${summary.dataset.error} ${document.title}`;
}
