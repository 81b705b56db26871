// Draws what a phone saw: words, avatars, badges, bubbles and cards.

export const base = new URL("../", import.meta.url);
export const words = Object.fromEntries(
  [...document.querySelector("#words").content.querySelectorAll("[data-word]")].map((one) => [one.dataset.word, one.textContent]),
);
const CHOICE = /^\s*(\d{1,2})(?:\s*[.．、)）]\s*|\s+)(?=[^\s\d])/;
const MAX_PICTURE_SIDE = 1280;
const SOUND = '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M7 10.5a3 3 0 0 1 0 3M11 8a6.5 6.5 0 0 1 0 8M15 5.5a10 10 0 0 1 0 13"/></svg>';

export function say(name, values = {}) {
  return words[name]?.replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
}

export function make(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

export function paintAvatar(node, person) {
  const hue = [...person.openid].reduce((sum, letter) => sum + letter.codePointAt(0), 0) % 6;
  node.className = `avatar avatar_${hue}`;
  node.textContent = person.name[0];
  return node;
}

export function paintBadge(badge, count) {
  badge.hidden = count === 0;
  badge.textContent = count > 99 ? "99+" : String(count);
  badge.setAttribute("aria-label", say("unread", { count }));
}

const timeZone = "Asia/Shanghai";
const dayOf = (at) => at.toLocaleDateString("zh-CN", { timeZone });

export function spokenTime(at) {
  const time = at.toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false, timeZone });
  const isToday = dayOf(at) === dayOf(new Date());
  return `${isToday ? words.today : at.toLocaleDateString("zh-CN", { month: "long", day: "numeric", timeZone })} ${time}`;
}

export function drawEntry(entry, person) {
  if (entry.kind === "event") return make("li", "event", words[`menu-${entry.event_key}`] ?? words[`event-${entry.event}`]);
  if (entry.kind === "failure") return make("li", "event", words.failure);
  const mine = entry.by === "person";
  const line = make("li", mine ? "line line_mine" : "line");
  if (entry.kind === "template") {
    line.append(drawCard(entry.values));
    return line;
  }
  const avatar = mine ? paintAvatar(make("span"), person) : make("span", "avatar avatar_account", words["account-initial"]);
  avatar.setAttribute("aria-hidden", "true");
  const bubble = make("div", `bubble bubble_${entry.kind}`);
  fillBubble(bubble, entry);
  line.append(avatar, bubble);
  return line;
}

function fillBubble(bubble, entry) {
  if (entry.kind === "picture") {
    const image = make("img");
    image.src = new URL(`pictures/${entry.picture}`, base);
    image.alt = words.picture;
    bubble.append(image);
  } else if (entry.kind === "location") {
    bubble.append(make("b", "", entry.text), make("small", "", `${entry.latitude}, ${entry.longitude}`), make("div", "map"));
  } else if (entry.kind === "voice") {
    const sound = make("div", "sound", words.voice);
    sound.insertAdjacentHTML("beforeend", SOUND);
    bubble.append(sound, make("p", "", entry.text || words.unrecognised));
  } else {
    const lines = entry.text.split("\n").filter((text, at, all) => text.trim() || !CHOICE.test(all[at + 1] ?? ""));
    bubble.append(...lines.map((text) => drawTextLine(text, entry.by === "account")));
  }
}

export function offersChoice(entry) {
  return entry.text.split("\n").some((line) => CHOICE.test(line));
}

function drawTextLine(text, tappable) {
  const key = tappable ? CHOICE.exec(text)?.[1] : undefined;
  if (!key) return make("p", "", text);
  const choice = make("button", "choice", text);
  choice.type = "button";
  choice.dataset.key = key;
  return choice;
}

function drawCard(values) {
  const card = make("div", "card");
  const list = make("dl");
  for (const [name, value] of Object.entries(values)) list.append(make("dt", "", words[name] ?? name), make("dd", "", value));
  card.append(make("h3", "", words.service), list);
  return card;
}

export async function shrink(file) {
  const bitmap = await createImageBitmap(file);
  const scale = Math.min(1, MAX_PICTURE_SIDE / Math.max(bitmap.width, bitmap.height));
  const canvas = make("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/jpeg", 0.85).split(",")[1];
}
