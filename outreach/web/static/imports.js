// A file dropped anywhere on the page is chosen and sent; of several none is, and the page says so.
const form = document.getElementById("drop");
const field = document.getElementById("file");
const told = document.getElementById("drop-told");

function holdsFiles(event) {
  return event.dataTransfer !== null && [...event.dataTransfer.types].includes("Files");
}

function over(event) {
  if (!holdsFiles(event)) return;
  event.preventDefault(); // a file that misses the form must not replace the page
  form.classList.toggle("rec-drop--over", event.type === "dragover");
}

function dropped(event) {
  if (!holdsFiles(event)) return;
  over(event);
  const files = event.dataTransfer.files;
  told.hidden = files.length < 2;
  if (files.length !== 1) return;
  field.files = files;
  form.requestSubmit();
}

if (form && field && told) {
  document.addEventListener("dragover", over);
  document.addEventListener("dragleave", over);
  document.addEventListener("drop", dropped);
}
