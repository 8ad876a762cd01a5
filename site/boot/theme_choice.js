// Runs before anything is painted: light or dark, where a person has chosen one; theme.mjs has the button.
{
  let chosen = null;
  try {
    chosen = localStorage.getItem("4xl-theme");
  } catch {
    // Storage may be forbidden.
  }
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
}
