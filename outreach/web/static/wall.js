// The wall screen looks after itself: it turns from platform to platform, says since when it hears nothing,
// and loads itself anew when the program has changed, and twice a day in any case.

const body = document.body;
const platforms = (body.dataset.platforms || "").split(" ").filter(Boolean);
const version = body.dataset.version;
const silence = document.getElementById("wall-silence");
const TURN = 20_000; // milliseconds on one platform
const LOOK = 10_000;
const TOO_LONG = 30_000; // without an answer
const ANEW = 12 * 3600_000;
const begun = Date.now();
let at = Math.max(0, platforms.indexOf(document.getElementById("wall-now").dataset.platform));
let heard = Date.now();
let asking = false;

function hour(moment) {
  return new Intl.DateTimeFormat(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" }).format(moment);
}

function showSilence() {
  const silent = body.dataset.connection === "lost" || Date.now() - heard > TOO_LONG;
  if (silent && silence.hidden) silence.textContent = `${body.dataset.silence} ${hour(heard)}`;
  silence.hidden = !silent;
}

async function look() {
  if (asking) return;
  asking = true;
  try {
    const stop = AbortSignal.timeout(TOO_LONG);
    const answer = await fetch(`${body.dataset.now}?platform=${encodeURIComponent(platforms[at])}`, { signal: stop });
    if (answer.redirected) return location.reload(); // signed out: the sign-in page says so
    if (!answer.ok) return;
    const drawn = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("wall-now");
    if (!drawn) return;
    heard = Date.now();
    if (drawn.dataset.version !== version || heard - begun > ANEW) return location.reload();
    document.getElementById("wall-now").replaceWith(drawn);
  } catch {
    // No answer: the line about silence says so, and the next look tries again.
  } finally {
    asking = false;
    showSilence();
  }
}

body.addEventListener("live-platform", look);
new MutationObserver(() => {
  showSilence();
  if (body.dataset.connection === "open") look();
}).observe(body, { attributes: true, attributeFilter: ["data-connection"] });
setInterval(look, LOOK);
setInterval(() => {
  at = (at + 1) % platforms.length;
  if (platforms.length > 1) look();
}, TURN);
setInterval(showSilence, 1000);
