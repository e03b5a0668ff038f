// The carrier's line: its own script registers, rings and carries the voice; here is what becomes of the line.
// It tells states: ready, ringing, talking, muted, unsteady, broken. Whatever is lost is found again by itself.

const NO_TOKEN = [20101, 20104, 20151]; // the carrier's words for a token that is wrong, over or not accepted
const TOKEN_AGAIN = 60_000; // milliseconds before a token ends
const TOKEN_RETRY = 10_000; // milliseconds
const CALL_KEPT = 15_000; // milliseconds that the carrier keeps a call whose page it does not hear
const WAIT_LEAST = 2_000, WAIT_MOST = 60_000; // milliseconds before another try
const LOST_FOR_GOOD = 45_000; // milliseconds: the carrier's script tries every twenty seconds at least

export class VoiceLine {
  #tell;
  #fail;
  #device = null;
  #registered = false;
  #call = null;
  #waiting = []; // those that rang while another did
  #closed = false;
  #timer = 0;
  #wait = WAIT_LEAST;

  constructor(tell, fail, script) {
    this.#tell = tell;
    this.#fail = fail;
    this.script = script;
  }

  // Rejects for the microphone only, which is asked for now and not when it rings.
  async open() {
    (await microphone()).getTracks().forEach((track) => track.stop());
    await this.#begin();
  }

  close() {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#leave();
  }

  async #begin() {
    try {
      await loaded(this.script);
      const given = await token();
      if (this.#closed) return;
      this.#device = this.#made(given);
      this.#device.register().catch(() => {}); // its events tell
      this.#later(LOST_FOR_GOOD);
    } catch {
      this.#again();
    }
  }

  #made(given) {
    const device = new window.Twilio.Device(given, {
      tokenRefreshMs: TOKEN_AGAIN,
      maxCallSignalingTimeoutMs: CALL_KEPT,
      closeProtection: true,
    });
    const on = (name, then) => device.on(name, (about) => this.#device === device && then(about));
    device.audio.incoming(false); // our own tone rings
    on("registered", () => this.#found());
    on("unregistered", () => this.#lost());
    on("error", (error) => (NO_TOKEN.includes(error.code) ? this.#again() : this.#show()));
    on("tokenWillExpire", () => this.#renew(device));
    on("incoming", (call) => this.#take(call));
    return device;
  }

  #leave() {
    const device = this.#device;
    this.#device = null;
    this.#registered = false;
    if (device) device.destroy();
  }

  #found() {
    this.#registered = true;
    this.#wait = WAIT_LEAST;
    clearTimeout(this.#timer);
    this.#show();
  }

  #lost() {
    this.#registered = false;
    this.#later(LOST_FOR_GOOD);
    this.#show();
  }

  // With another token and another device, a little later each time; never under a call.
  #again() {
    this.#registered = false;
    this.#later(this.#wait);
    this.#wait = Math.min(2 * this.#wait, WAIT_MOST);
    this.#show();
  }

  #later(wait) {
    clearTimeout(this.#timer);
    if (!this.#closed) this.#timer = setTimeout(() => this.#anew(), wait);
  }

  #anew() {
    if (this.#call) return this.#later(WAIT_LEAST);
    this.#leave();
    return this.#begin();
  }

  async #renew(device) {
    try {
      const given = await token();
      if (this.#device === device) device.updateToken(given);
    } catch {
      setTimeout(() => this.#device === device && this.#renew(device), TOKEN_RETRY);
    }
  }

  #take(call) {
    // Some are told before the call itself knows: look when it does.
    for (const turn of ["accept", "mute", "reconnecting", "reconnected"]) {
      call.on(turn, () => queueMicrotask(() => this.#show()));
    }
    for (const end of ["disconnect", "cancel", "reject"]) call.on(end, () => this.#over(call));
    call.on("error", (error) => this.#broke(call, error));
    call.on("transportClose", () => this.#cut(call));
    if (this.#call) this.#waiting.push(call);
    else this.#call = call;
    this.#show();
  }

  #over(call) {
    this.#waiting = this.#waiting.filter((each) => each !== call);
    if (this.#call === call) this.#call = this.#waiting.shift() || null;
    this.#show();
  }

  // Only what ends a call ends it here; the microphone is told of in words.
  #broke(call, error) {
    this.#fail(error);
    if (call.status() === "connecting") call.disconnect();
    if (call.status() === "closed") this.#over(call);
  }

  // The carrier is heard no more. A call that only rang is lost; one under way goes on where the carrier keeps it.
  #cut(call) {
    const rang = call.status() === "pending";
    queueMicrotask(() => {
      if (!rang && call.status() !== "closed") return;
      this.#over(call);
      if (!rang) this.#drop(call);
    });
  }

  // The carrier's script holds such a call for open, and would let no other ring.
  #drop(call) {
    for (const stream of [call.getLocalStream(), call.getRemoteStream()]) {
      if (stream) stream.getTracks().forEach((track) => track.stop());
    }
    this.#leave();
    this.#again();
  }

  #show() {
    if (this.#closed) return;
    if (this.#call) this.#tell(stateOf(this.#call));
    else this.#tell(this.#registered ? "ready" : "broken");
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

function stateOf(call) {
  const status = call.status();
  if (status === "reconnecting") return "unsteady";
  if (status === "open") return call.isMuted() ? "muted" : "talking";
  return "ringing";
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

export async function microphone(id) {
  if (!navigator.mediaDevices) throw new DOMException("insecure page", "NotAllowedError");
  return navigator.mediaDevices.getUserMedia({ audio: id ? { deviceId: { exact: id } } : true });
}
