// One line to the server for each page: what it tells becomes an event on the body, for htmx to act on.
// After a lost connection, and when the tab wakes, every family is told: whatever was missed is asked anew.

const body = document.body;
const address = body.dataset.live;
const always = body.dataset.liveAlways !== undefined;
const families = ["agent", "platform", "orders"];
const FAR_APART = 60_000; // milliseconds: pages look anew by themselves, should an event have been lost
let source = null;
let told = Date.now();

function tell(family) {
  told = Date.now();
  body.dispatchEvent(new CustomEvent(`live-${family}`));
}

function tellAll() {
  families.forEach(tell);
}

function show(state) {
  body.dataset.connection = state;
  const line = document.getElementById("connection");
  if (line) line.hidden = state === "open";
}

function open() {
  if (source || !address) return;
  source = new EventSource(address);
  // Also the first time: something may have changed between the drawing of the page and this line.
  source.addEventListener("hello", () => {
    show("open");
    tellAll();
  });
  families.forEach((family) => source.addEventListener(family, () => tell(family)));
  source.onerror = () => {
    show("lost");
    if (source && source.readyState === EventSource.CLOSED) {
      close();
      setTimeout(open, 5000);
    }
  };
}

function close() {
  if (source) source.close();
  source = null;
}

// What a page asks by itself is no use of the session: an open page alone does not keep anybody signed in.
body.addEventListener("htmx:config:request", ({ detail }) => {
  const { sourceEvent, request } = detail.ctx;
  if (/^(live-|every$)/.test(sourceEvent?.type ?? "")) request.headers["X-By-Itself"] = "true";
});

if (address) {
  open();
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      if (!always) close();
    } else {
      if (source) tellAll();
      open();
    }
  });
  window.addEventListener("online", () => {
    close();
    open();
  });
  window.addEventListener("pagehide", close);
  setInterval(() => {
    if (!document.hidden && Date.now() - told > FAR_APART) tellAll();
  }, 5000);
}
