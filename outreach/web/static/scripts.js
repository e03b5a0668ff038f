// The editor of texts: numbers beside its lines, variables inserted where the cursor stands, findings found.

const body = document.getElementById("body");
const margin = document.getElementById("margin");

function linesToMend() {
  const result = document.getElementById("result");
  const told = result ? result.dataset.lines || "" : "";
  return new Set(told.split(" ").filter(Boolean).map(Number));
}

// A long line takes several rows: its number stands beside the first.
function heights(lines) {
  const style = getComputedStyle(body);
  const inner = body.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = style.font;
  const letter = pen.measureText("0").width || 9;
  const fit = Math.max(1, Math.floor(inner / letter));
  return lines.map((line) => rowsOf(line, fit));
}

function rowsOf(line, fit) {
  let rows = 1;
  let used = 0;
  for (const word of line.split(/(?<=\s)/)) {
    const length = word.trimEnd().length;
    if (used + length > fit && used > 0) {
      rows += 1;
      used = 0;
    }
    rows += Math.max(0, Math.ceil(length / fit) - 1);
    used = (used + word.length) % Math.max(fit + 1, word.length + 1);
  }
  return rows;
}

function number() {
  const lines = body.value.split("\n");
  const mend = linesToMend();
  const rows = heights(lines);
  margin.replaceChildren(
    ...lines.map((_, place) => {
      const line = document.createElement("span");
      line.className = "scripts-margin__line";
      if (mend.has(place + 1)) line.classList.add("scripts-margin__line--mend");
      line.textContent = String(place + 1) + "\n".repeat(Math.max(0, rows[place] - 1));
      return line;
    }),
  );
  follow();
}

function follow() {
  margin.scrollTop = body.scrollTop;
  margin.style.setProperty("height", `${body.clientHeight - 16}px`);
}

function insert(text) {
  body.focus();
  body.setRangeText(text, body.selectionStart, body.selectionEnd, "end");
  body.dispatchEvent(new Event("input", { bubbles: true }));
}

function select(line) {
  const lines = body.value.split("\n");
  const start = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
  body.focus();
  body.setSelectionRange(start, start + (lines[line - 1] || "").length);
}

if (body && margin) {
  number();
  // Typed before the scripts had come, or kept by the browser over a reload: it is looked at, too.
  window.addEventListener("load", () => {
    if (body.value !== body.defaultValue) body.dispatchEvent(new Event("input", { bubbles: true }));
  });
  body.addEventListener("input", number);
  body.addEventListener("scroll", follow);
  new ResizeObserver(number).observe(body);
  document.body.addEventListener("htmx:after:swap", number);
  document.addEventListener("click", (event) => {
    const pressed = event.target instanceof Element && event.target.closest("[data-insert], [data-line]");
    if (!pressed) return;
    event.preventDefault();
    if (pressed.dataset.insert) insert(pressed.dataset.insert);
    else select(Number(pressed.dataset.line));
  });
}
