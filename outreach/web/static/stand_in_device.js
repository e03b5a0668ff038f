// With the simulated phone company: a line that asks what rings here, in place of the carrier's own script.

const ADDRESS = "/softphone/line";
const IDLE = 1500, BUSY = 600; // milliseconds between two looks

export class StandInLine {
  #tell;
  #call = null;
  #timer = 0;

  constructor(tell) {
    this.#tell = tell;
  }

  async open() {
    await this.#look();
  }

  close() {
    clearTimeout(this.#timer);
    this.#tell = () => {};
  }

  async #look() {
    clearTimeout(this.#timer);
    try {
      const answer = await fetch(ADDRESS, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const calls = await answer.json();
      this.#call = calls.find((call) => call.status === "in-progress") || calls[0] || null;
      this.#show();
    } catch {
      this.#tell("broken");
    }
    this.#timer = setTimeout(() => this.#look(), this.#call ? BUSY : IDLE);
  }

  #show() {
    const call = this.#call;
    if (!call) this.#tell("ready");
    else if (call.status === "ringing") this.#tell("ringing");
    else this.#tell(call.muted ? "muted" : "talking", call.heard.at(-1) || "");
  }

  async act(name) {
    if (!this.#call) return;
    await fetch(`${ADDRESS}/${this.#call.sid}/${name}`, { method: "POST" });
    await this.#look();
  }

  async choose() {}
}
