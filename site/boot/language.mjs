// The words of the page: puts the sentences of languages/<code>.json where the HTML names their keys, in the
// language that language_choice.js found, and in another one as soon as it is chosen. Python takes the
// sentences from here, too (fourxl_web/page/speaking.py).
const CHOICE = "4xl-language";
const root = document.documentElement;
const chooser = document.getElementById("language");
const files = new Map();

let english = {};
let said = {}; // what the page says now
let code = "en";

// Where a sentence goes, by the attribute that holds its key.
const places = {
  "data-say": [(element) => element.textContent, (element, text) => (element.textContent = text)],
  ...Object.fromEntries(
    [["label", "aria-label"], ["title", "title"], ["placeholder", "placeholder"], ["alt", "alt"], ["content", "content"]].map(
      ([name, attribute]) => [
        `data-say-${name}`,
        [(element) => element.getAttribute(attribute), (element, text) => element.setAttribute(attribute, text)],
      ],
    ),
  ),
};

// Before the sentences are here, or where they cannot be had, what the HTML says is said.
export const say = (key, values = {}) => fill(said[key] ?? written(document, key) ?? key, values);

// What Python needs to speak as the page does.
export const spoken = () => ({ code, text: JSON.stringify(said) });

// Settles when the page speaks the language it was opened in.
export const ready = begin();

async function begin() {
  chooser.addEventListener("change", () => choose(chooser.value));
  chooser.value = root.lang;
  try {
    said = english = await read("en");
    if (root.lang !== "en") await speak(root.lang);
  } catch (error) {
    console.warn("The sentences of the chosen language could not be had.", error);
    mark("en");
  } finally {
    root.classList.remove("unsaid");
  }
}

async function choose(next) {
  try {
    await speak(next);
    if (code === next) localStorage.setItem(CHOICE, next);
  } catch (error) {
    // Without a network it stays as it was; a choice that cannot be remembered holds for this visit.
    console.warn("The language could not be changed, or not be remembered.", error);
    chooser.value = code;
  }
}

async function speak(next) {
  const sentences = { ...english, ...(await read(next)) };
  if (chooser.value !== next) return; // another one was chosen meanwhile
  replace(document, said, sentences);
  said = sentences;
  mark(next);
  document.dispatchEvent(new CustomEvent("4xl:language"));
}

function mark(next) {
  code = chooser.value = root.lang = next;
  root.dir = next === "ar" ? "rtl" : "ltr";
}

function read(name) {
  if (!files.has(name)) files.set(name, fetchSentences(name));
  return files.get(name);
}

async function fetchSentences(name) {
  try {
    const answer = await fetch(new URL(`../languages/${name}.json`, import.meta.url));
    if (!answer.ok) throw new Error(`${answer.status} for ${answer.url}`);
    return await answer.json();
  } catch (error) {
    files.delete(name); // to be asked for again
    throw error;
  }
}

// Puts new sentences in the place of the old ones. What somebody else has written there since is theirs.
function replace(parent, before, after) {
  for (const [name, [get, set]] of Object.entries(places)) {
    for (const element of parent.querySelectorAll(`[${name}]`)) {
      const key = element.getAttribute(name);
      const values = JSON.parse(element.dataset.sayValues ?? "{}");
      if (key in before && get(element) === fill(before[key], values)) set(element, fill(after[key], values));
    }
  }
  for (const template of parent.querySelectorAll("template")) replace(template.content, before, after);
}

function written(parent, key) {
  const element = parent.querySelector(`[data-say="${key}"]`);
  if (element) return element.textContent;
  for (const template of parent.querySelectorAll("template")) {
    const found = written(template.content, key);
    if (found) return found;
  }
  return null;
}

function fill(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (place, name) => values[name] ?? place);
}
