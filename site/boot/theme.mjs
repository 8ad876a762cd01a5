// The button that goes from one theme to the next: as the device, light, dark. theme_choice.js sets the one
// that was chosen before; the styles follow what the document says.
import { ready, say } from "./language.mjs";

const CHOICE = "4xl-theme"; // in localStorage: "light" or "dark"
const THEMES = ["auto", "light", "dark"];
const root = document.documentElement;
const button = document.getElementById("theme");

const current = () => root.dataset.theme ?? "auto";

button.addEventListener("click", () => {
  choose(THEMES[(THEMES.indexOf(current()) + 1) % THEMES.length]);
  name();
});
ready.then(name);

function choose(theme) {
  if (theme === "auto") delete root.dataset.theme;
  else root.dataset.theme = theme;
  try {
    if (theme === "auto") localStorage.removeItem(CHOICE);
    else localStorage.setItem(CHOICE, theme);
  } catch {
    // Where nothing may be stored the choice holds for this visit.
  }
}

// The key goes along with the words, so that they change with the language.
function name() {
  const key = `page.theme.${current()}`;
  button.dataset.sayLabel = button.dataset.sayTitle = key;
  button.title = say(key);
  button.setAttribute("aria-label", button.title);
}
