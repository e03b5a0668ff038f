// The telephone of this computer: one panel, and behind it the carrier's script or the simulator's stand-in.
// Words are in the page; here are states only: opening, ready, ringing, talking, muted, broken.
import { StandInLine } from "./stand_in_device.js";

const SHOWN = {
  ringing: ["accept", "refuse"],
  talking: ["mute", "hang-up"],
  muted: ["unmute", "hang-up"],
};
const MICROPHONE = { NotAllowedError: "refused", NotFoundError: "none" };
const RING_EVERY = 2500, TONE = 0.9; // milliseconds; seconds
const TOKEN_AGAIN = 60_000; // milliseconds before a token ends

class VoiceLine {
  #tell;
  #device = null;
  #call = null;

  constructor(tell, script) {
    this.#tell = tell;
    this.script = script;
  }

  async open() {
    await loaded(this.script);
    (await microphone()).getTracks().forEach((track) => track.stop()); // asked for now, not when it rings
    this.#device = new window.Twilio.Device(await token(), { tokenRefreshMs: TOKEN_AGAIN, closeProtection: true });
    this.#device.audio.incoming(false); // our own tone rings
    this.#device.on("registered", () => this.#tell("ready"));
    this.#device.on("unregistered", () => this.#tell("broken"));
    this.#device.on("error", () => this.#call || this.#tell("broken"));
    this.#device.on("tokenWillExpire", async () => this.#device.updateToken(await token()));
    this.#device.on("incoming", (call) => this.#take(call));
    await this.#device.register();
  }

  close() {
    if (this.#device) this.#device.destroy();
  }

  #take(call) {
    if (this.#call) return; // one at a time: the other rings elsewhere, or ends
    this.#call = call;
    this.#tell("ringing");
    call.on("accept", () => this.#tell("talking"));
    call.on("mute", (muted) => this.#tell(muted ? "muted" : "talking"));
    for (const end of ["disconnect", "cancel", "reject", "error"]) call.on(end, () => this.#over(call));
  }

  #over(call) {
    if (this.#call !== call) return;
    this.#call = null;
    this.#tell("ready");
  }

  async act(name) {
    const call = this.#call;
    if (!call) return;
    if (name === "accept") call.accept();
    else if (name === "refuse") call.reject();
    else if (name === "hang-up") call.disconnect();
    else call.mute(name === "mute");
  }

  async choose(kind, id) {
    if (!this.#device) return;
    if (kind === "audioinput") await this.#device.audio.setInputDevice(id);
    else await this.#device.audio.speakerDevices.set(id);
  }
}

async function token() {
  const answer = await fetch("/softphone/token", { method: "POST" });
  if (!answer.ok) throw new Error(String(answer.status));
  return (await answer.json()).token;
}

function loaded(address) {
  if (window.Twilio) return Promise.resolve();
  return new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = done;
    script.onerror = () => failed(new Error("script"));
    document.head.append(script);
  });
}

async function microphone(id) {
  if (!navigator.mediaDevices) throw new DOMException("insecure page", "NotAllowedError");
  const wanted = id ? { deviceId: { exact: id } } : true;
  const stream = await navigator.mediaDevices.getUserMedia({ audio: wanted });
  return stream;
}

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
    const tell = (state, heard) => this.show(state, heard);
    this.line = place.dataset.softphone === "STAND_IN" ? new StandInLine(tell) : new VoiceLine(tell, place.dataset.voice);
    place.addEventListener("click", (event) => this.pressed(event));
    place.addEventListener("change", (event) => this.changed(event));
    this.open();
  }

  async open() {
    try {
      await this.line.open();
    } catch (error) {
      this.problem(error);
    }
  }

  problem(error) {
    const what = MICROPHONE[error && error.name];
    for (const words of this.place.querySelectorAll("[data-microphone]")) words.hidden = words.dataset.microphone !== what;
    if (!what) this.show("broken");
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
      if (state === "ringing" && !typing()) this.place.querySelector("[data-act=accept]").focus();
    }
    const told = this.place.querySelector(".softphone-heard");
    if (told.textContent !== heard) told.textContent = heard;
  }

  async pressed(event) {
    const button = event.target instanceof Element && event.target.closest("[data-act]");
    if (!button) return;
    button.disabled = true;
    try {
      if (button.dataset.act === "check") await this.check();
      else if (button.dataset.act === "test") await fetch("/softphone/test-call", { method: "POST" });
      else await this.line.act(button.dataset.act);
    } catch (error) {
      this.problem(error);
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
  window.addEventListener("pagehide", () => panel && panel.close());
}
