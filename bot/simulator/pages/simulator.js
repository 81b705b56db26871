// Two simulated phones: draws what they saw, sends what is done on them, listens to the news of all phones.

import { base, drawEntry, make, offersChoice, paintAvatar, paintBadge, say, shrink, spokenTime, words } from "./drawing.js";

const STAMP_GAP_MS = 300_000;
const BUSY_MS = 60_000;
const RETRY_MS = 1000;

const phones = {};
const received = new Map();
const seen = new Map(Object.entries(JSON.parse(localStorage.getItem("simulator-seen") ?? "{}")));

function unread(openid) {
  return Math.max(0, (received.get(openid) ?? 0) - (seen.get(openid) ?? 0));
}

function notify(text = "") {
  const notice = document.querySelector("#notice");
  notice.textContent = text;
  notice.hidden = !text;
}

async function fetchJson(path, options) {
  let response;
  try {
    response = await fetch(new URL(path, base), options);
  } catch {
    throw new Error("offline");
  }
  const content = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(content.error ?? `HTTP ${response.status}`);
  return content;
}

function showWire(exchange) {
  const wire = document.querySelector("#wire");
  wire.querySelector("dl").hidden = false;
  wire.querySelector(".wire__empty").hidden = true;
  for (const part of wire.querySelectorAll("[data-wire]")) {
    const name = part.dataset.wire;
    part.textContent = name === "status" ? say("wire-status", exchange) : exchange[name] || words["wire-none"];
  }
}

class Phone {
  constructor(place, people) {
    this.side = place.dataset.side;
    this.people = people;
    this.entries = new Map();
    this.touched = 0;
    this.waiting = 0;
    place.append(document.querySelector("#phone").content.cloneNode(true));
    const part = (selector) => place.querySelector(selector);
    this.body = part(".phone");
    this.title = part(".bar h2");
    this.who = part(".owner__who");
    this.talk = part(".talk");
    this.chooser = part(".people");
    this.input = part(".write textarea");
    this.submit = part(".write__send");
    this.more = part(".write__more");
    this.sheet = part(".sheet");
    this.file = part("input[type=file]");
    part(".owner__side").textContent = words[this.side];
    this.listen(part(".write"));
  }

  listen(form) {
    this.who.addEventListener("click", () => this.openChooser(this.chooser.hidden));
    this.chooser.querySelector("input").addEventListener("input", () => this.listPeople());
    this.body.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      if (!this.chooser.hidden) this.openChooser(false);
      else this.openSheet(false);
    });
    this.input.addEventListener("input", () => this.fitInput());
    this.input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      form.requestSubmit();
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.sendDraft();
    });
    this.more.addEventListener("click", () => this.openSheet(this.sheet.hidden));
    this.sheet.addEventListener("click", (event) => this.act(event.target.closest("button")));
    this.file.addEventListener("change", () => this.sendPicture(this.file.files[0]));
    this.talk.addEventListener("click", (event) => {
      const choice = event.target.closest(".choice");
      if (choice) this.send({ kind: "text", text: choice.dataset.key });
    });
  }

  async show(openid) {
    this.person = this.people.find((one) => one.openid === openid) ?? this.people[0];
    sessionStorage.setItem(`simulator-${this.side}`, this.person.openid);
    paintAvatar(this.who.querySelector(".avatar"), this.person);
    this.who.querySelector("b").textContent = this.person.name;
    this.who.querySelector("small").textContent = this.person.line;
    this.entries.clear();
    this.draw();
    await this.reload();
  }

  async reload() {
    const shown = this.person.openid;
    clearTimeout(this.again);
    try {
      const { entries } = await fetchJson(`phones/${shown}`);
      if (this.person.openid !== shown) return;
      const later = [...this.entries.values()];
      this.entries = new Map([...entries, ...later].map((one) => [one.id, one]));
      this.draw();
      notify();
    } catch (error) {
      notify(error.message === "offline" ? words.offline : words.trouble);
      this.again = setTimeout(() => this.reload(), RETRY_MS);
    }
    refreshBadges();
  }

  draw() {
    this.talk.replaceChildren();
    this.lastAt = undefined;
    if (this.entries.size === 0) this.talk.append(make("li", "empty", words[`empty-${this.side}`]));
    for (const entry of this.entries.values()) this.append(entry);
    this.talk.scrollTop = this.talk.scrollHeight;
  }

  add(entry) {
    if (entry.openid !== this.person.openid || this.entries.has(entry.id)) return;
    if (this.entries.size === 0) this.talk.replaceChildren();
    this.entries.set(entry.id, entry);
    this.append(entry);
    this.talk.scrollTop = this.talk.scrollHeight;
  }

  append(entry) {
    const at = new Date(entry.at);
    if (this.lastAt === undefined || at - this.lastAt > STAMP_GAP_MS) this.talk.append(make("li", "stamp", spokenTime(at)));
    this.lastAt = at;
    this.talk.append(drawEntry(entry, this.person));
  }

  ring() {
    this.body.classList.remove("is-ringing");
    void this.body.offsetWidth; // lets the animation begin anew
    this.body.classList.add("is-ringing");
  }

  isBusy() {
    const last = [...this.entries.values()].at(-1);
    const asked = Boolean(last?.active) && offersChoice(last);
    return asked || this.input.value.trim() !== "" || !this.chooser.hidden || Date.now() - this.touched < BUSY_MS;
  }

  openChooser(open) {
    this.chooser.hidden = !open;
    this.who.setAttribute("aria-expanded", String(open));
    if (!open) {
      this.who.focus();
      return;
    }
    const search = this.chooser.querySelector("input");
    search.value = "";
    this.listPeople();
    search.focus();
  }

  listPeople() {
    const wanted = this.chooser.querySelector("input").value.trim();
    const fitting = this.people.filter((one) => `${one.name}${one.line}`.includes(wanted));
    fitting.sort((one, other) => unread(other.openid) - unread(one.openid));
    this.chooser.querySelector("ul").replaceChildren(...fitting.map((one) => this.drawPerson(one)));
  }

  drawPerson(person) {
    const button = make("button");
    button.type = "button";
    const text = make("span", "owner__text");
    text.append(make("b", "", person.name), make("small", "", person.line));
    const badge = make("span", "weui-badge");
    paintBadge(badge, unread(person.openid));
    const avatar = paintAvatar(make("span"), person);
    avatar.setAttribute("aria-hidden", "true");
    button.append(avatar, text, badge);
    button.setAttribute("aria-current", String(person === this.person));
    button.addEventListener("click", () => {
      this.openChooser(false);
      this.show(person.openid);
    });
    const item = make("li");
    item.append(button);
    return item;
  }

  openSheet(open) {
    this.sheet.hidden = !open;
    this.more.setAttribute("aria-expanded", String(open));
    this.talk.scrollTop = this.talk.scrollHeight;
  }

  async act(button) {
    if (!button) return;
    this.openSheet(false);
    this.more.focus();
    const { do: what, event, key } = button.dataset;
    if (event) this.send({ kind: "event", event, event_key: key ?? "" });
    else if (what === "picture") this.file.click();
    else if (what === "voice") {
      const form = await ask("voice");
      if (form) this.send({ kind: "voice", text: form.get("text") });
    } else {
      const form = await ask("location");
      const [latitude, longitude] = form ? [Number(form.get("latitude")), Number(form.get("longitude"))] : [];
      if (form) this.send({ kind: "location", latitude, longitude, label: form.get("label") });
    }
  }

  fitInput() {
    this.input.style.height = "auto";
    this.input.style.height = `${this.input.scrollHeight}px`;
    this.submit.disabled = this.input.value.trim() === "";
    this.talk.scrollTop = this.talk.scrollHeight;
  }

  write(text) {
    this.input.value = text;
    this.fitInput();
    this.input.focus();
  }

  async sendDraft() {
    const text = this.input.value;
    if (text.trim() === "") return;
    this.write("");
    const sent = await this.send({ kind: "text", text });
    if (!sent && this.input.value === "") this.write(text);
  }

  async sendPicture(file) {
    this.file.value = "";
    if (!file) return;
    try {
      this.send({ kind: "picture", picture: await shrink(file) });
    } catch {
      notify(words["error-not_a_picture"]);
    }
  }

  async send(message) {
    const { openid } = this.person;
    this.touched = Date.now();
    this.waiting += 1;
    this.title.textContent = words.typing;
    try {
      const headers = { "Content-Type": "application/json" };
      const body = JSON.stringify({ openid, ...message });
      const { entries, exchange } = await fetchJson("send", { method: "POST", headers, body });
      notify();
      entries.forEach((entry) => this.add(entry));
      showWire(exchange);
      return true;
    } catch (error) {
      notify(words[`error-${error.message}`] ?? say("error-other", { code: error.message }));
      return false;
    } finally {
      this.waiting -= 1;
      if (this.waiting === 0) this.title.textContent = words.account;
    }
  }
}

function ask(name) {
  const dialog = document.querySelector(`#${name}`);
  const form = dialog.querySelector("form");
  form.reset();
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "send" ? new FormData(form) : null), { once: true });
  });
}

function refreshBadges() {
  for (const phone of Object.values(phones)) {
    seen.set(phone.person.openid, received.get(phone.person.openid) ?? 0);
    const others = phone.people.reduce((sum, one) => sum + unread(one.openid), 0);
    paintBadge(phone.who.querySelector(".weui-badge"), others);
    if (!phone.chooser.hidden) phone.listPeople();
  }
  localStorage.setItem("simulator-seen", JSON.stringify(Object.fromEntries(seen)));
}

function take(entry) {
  const phone = Object.values(phones).find((one) => one.people.some((person) => person.openid === entry.openid));
  if (!phone) return;
  if (entry.by === "account") received.set(entry.openid, (received.get(entry.openid) ?? 0) + 1);
  const elsewhere = phone.person.openid !== entry.openid;
  if (entry.active && elsewhere && phone.side === "mediator" && !phone.isBusy()) phone.show(entry.openid);
  phone.add(entry);
  if (entry.active) phone.ring();
  refreshBadges();
}

function listenToNews() {
  const source = new EventSource(new URL("events", base));
  source.addEventListener("state", (event) => {
    received.clear();
    for (const [openid, count] of Object.entries(JSON.parse(event.data).received)) received.set(openid, count);
    for (const [openid, count] of seen) seen.set(openid, Math.min(count, received.get(openid) ?? 0));
    notify();
    for (const phone of Object.values(phones)) phone.reload();
  });
  source.addEventListener("entry", (event) => take(JSON.parse(event.data)));
  source.addEventListener("trouble", () => notify(words.trouble));
  source.addEventListener("open", () => notify());
  source.addEventListener("error", () => {
    notify(words.offline);
    if (source.readyState === EventSource.CLOSED) {
      source.close();
      setTimeout(listenToNews, RETRY_MS);
    }
  });
}

async function start() {
  const personas = await fetchJson("personas");
  for (const side of ["resident", "mediator"]) {
    phones[side] = new Phone(document.querySelector(`[data-side=${side}]`), personas[`${side}s`]);
  }
  await Promise.all(Object.values(phones).map((phone) => phone.show(sessionStorage.getItem(`simulator-${phone.side}`))));
  document.querySelector(".ask__places").append(...personas.places.map(drawPlace));
  document.querySelector(".examples").addEventListener("click", async (event) => {
    const example = event.target.closest("button");
    if (!example) return;
    if (phones.resident.person.openid !== example.dataset.as) await phones.resident.show(example.dataset.as);
    phones.resident.write(example.textContent);
  });
  listenToNews();
}

function drawPlace(place) {
  const button = make("button", "", place.label);
  button.type = "button";
  button.addEventListener("click", () => {
    const { elements } = button.form;
    for (const name of ["label", "latitude", "longitude"]) elements[name].value = place[name];
  });
  return button;
}

start().catch((error) => notify(say("error-other", { code: error.message })));
