// The telephone of this computer: one panel, and behind it the carrier's line or the simulator's stand-in.
// Words are in the page; here are states only: opening, ready, ringing, talking, muted, unsteady, broken, deaf.
import { StandInLine } from "./stand_in_device.js";
import { microphone, VoiceLine } from "./voice_line.js";

const SHOWN = {
  ringing: ["accept", "refuse"],
  talking: ["mute", "hang-up"],
  muted: ["unmute", "hang-up"],
  unsteady: ["hang-up"],
};
// What the browser, and the carrier's script, say of a microphone that cannot be had.
const MICROPHONE = { NotAllowedError: "refused", NotFoundError: "none", 31401: "refused", 31402: "none" };
const INSTEAD = { check: "none", test: "test" }; // of an act that failed for another reason
const RING_EVERY = 2500, TONE = 0.9; // milliseconds; seconds

// A tone of two notes, made here: no file, no other site.
class Ringer {
  #sound = null;
  #timer = 0;

  start() {
    if (this.#timer) return;
    this.#once();
    this.#timer = setInterval(() => this.#once(), RING_EVERY);
  }

  stop() {
    clearInterval(this.#timer);
    this.#timer = 0;
  }

  #once() {
    try {
      this.#sound = this.#sound || new AudioContext();
      if (this.#sound.state !== "running") this.#sound.resume();
      const now = this.#sound.currentTime, volume = this.#sound.createGain();
      volume.gain.setValueAtTime(0.12, now);
      volume.gain.setValueAtTime(0, now + TONE);
      volume.connect(this.#sound.destination);
      for (const pitch of [440, 480]) {
        const note = this.#sound.createOscillator();
        note.frequency.value = pitch;
        note.connect(volume);
        note.start(now);
        note.stop(now + TONE);
      }
    } catch {
      this.#sound = null; // without sound the page still shows that it rings
    }
  }
}

class Panel {
  constructor(place) {
    this.place = place;
    this.ringer = new Ringer();
    this.title = document.title;
    const tell = (state, heard) => this.show(state, heard), fail = (error) => this.problem(error);
    const standIn = place.dataset.softphone === "STAND_IN";
    this.line = standIn ? new StandInLine(tell) : new VoiceLine(tell, fail, place.dataset.voice);
    place.addEventListener("click", (event) => this.pressed(event));
    place.addEventListener("change", (event) => this.changed(event));
    this.open();
  }

  async open() {
    try {
      await this.line.open();
    } catch (error) {
      this.problem(error, "none");
      this.show("deaf");
    }
  }

  // Until the next call is taken.
  problem(error, instead = "") {
    const what = MICROPHONE[error.name] || MICROPHONE[error.code] || instead;
    for (const words of this.place.querySelectorAll("[data-problem]")) words.hidden = words.dataset.problem !== what;
  }

  close() {
    this.ringer.stop();
    this.line.close();
    if (this.level) cancelAnimationFrame(this.level);
    if (this.stream) this.stream.getTracks().forEach((track) => track.stop());
    document.title = this.title;
  }

  show(state, heard = "") {
    if (this.place.dataset.state !== state) {
      this.place.dataset.state = state;
      for (const words of this.place.querySelectorAll("[data-when]")) words.hidden = words.dataset.when !== state;
      for (const button of this.place.querySelectorAll(".softphone-buttons [data-act]")) {
        button.hidden = button.disabled = !(SHOWN[state] || []).includes(button.dataset.act);
      }
      document.title = state === "ringing" ? `☎ ${this.title}` : this.title;
      if (state === "ringing") this.ringer.start();
      else this.ringer.stop();
      if (state === "talking") this.problem({});
      if (state === "ringing" && !typing()) this.place.querySelector("[data-act=accept]").focus();
    }
    const told = this.place.querySelector(".softphone-heard");
    if (told.textContent !== heard) told.textContent = heard;
  }

  async pressed(event) {
    const button = event.target instanceof Element && event.target.closest("[data-act]");
    if (!button) return;
    const act = button.dataset.act;
    button.disabled = true;
    try {
      if (act === "check") await this.check();
      else if (act === "test") await tested();
      else await this.line.act(act);
    } catch (error) {
      this.problem(error, INSTEAD[act]);
    } finally {
      button.disabled = button.hidden;
    }
  }

  async changed(event) {
    const field = event.target;
    if (!(field instanceof HTMLSelectElement) || !field.dataset.devices) return;
    await this.line.choose(field.dataset.devices, field.value);
    if (field.dataset.devices === "audioinput" && this.stream) await this.check(field.value);
  }

  async check(id) {
    if (this.stream) this.stream.getTracks().forEach((track) => track.stop());
    this.stream = await microphone(id);
    await this.list();
    const label = this.place.querySelector(".softphone-level");
    label.hidden = false;
    const sound = new AudioContext(), listener = sound.createAnalyser(), meter = label.querySelector("meter");
    sound.createMediaStreamSource(this.stream).connect(listener);
    const samples = new Float32Array(listener.fftSize);
    const look = () => {
      listener.getFloatTimeDomainData(samples);
      const loudest = samples.reduce((most, one) => Math.max(most, Math.abs(one)), 0);
      meter.value = Math.round(loudest * 100);
      this.level = requestAnimationFrame(look);
    };
    look();
  }

  async list() {
    const found = await navigator.mediaDevices.enumerateDevices();
    for (const select of this.place.querySelectorAll("[data-devices]")) {
      const own = found.filter((each) => each.kind === select.dataset.devices);
      const chosen = select.value;
      select.replaceChildren(...own.map((each) => new Option(each.label || each.deviceId, each.deviceId)));
      if (own.some((each) => each.deviceId === chosen)) select.value = chosen;
      select.parentElement.hidden = own.length === 0;
    }
  }
}

async function tested() {
  const answer = await fetch("/softphone/test-call", { method: "POST" });
  if (!answer.ok) throw new Error(String(answer.status));
}

function typing() {
  const field = document.activeElement;
  return field instanceof HTMLElement && field.matches("input, textarea, select");
}

let panel = null;
const root = document.getElementById("softphone");
function look() {
  const place = root.querySelector("[data-softphone]");
  if (panel && panel.place === place) return;
  if (panel) panel.close();
  panel = place ? new Panel(place) : null;
}
if (root) {
  new MutationObserver(look).observe(root, { childList: true });
  look();
  // A page that is kept for the way back keeps its telephone: the carrier's script leaves and comes back with it.
  window.addEventListener("pagehide", (event) => event.persisted || !panel || panel.close());
}
