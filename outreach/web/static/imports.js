// A file dropped on the form is chosen and sent.
const form = document.getElementById("drop");
const field = document.getElementById("file");

if (form && field) {
  const over = (event) => {
    event.preventDefault();
    form.classList.toggle("rec-drop--over", event.type === "dragover");
  };
  form.addEventListener("dragover", over);
  form.addEventListener("dragleave", over);
  form.addEventListener("drop", (event) => {
    over(event);
    if (event.dataTransfer && event.dataTransfer.files.length) {
      field.files = event.dataTransfer.files;
      form.requestSubmit();
    }
  });
}
