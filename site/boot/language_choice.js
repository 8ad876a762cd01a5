// Runs before anything is painted: decides which language the page speaks. In any but English, which the
// page is written in, nothing is shown until language.mjs has put the words in place.
{
  const known = ["en", "de", "es", "fr", "pt", "zh", "ja", "hi", "ar"];
  const root = document.documentElement;
  let remembered = null;
  try {
    remembered = localStorage.getItem("4xl-language");
  } catch {
    // Storage may be forbidden.
  }
  const wished = [remembered, ...navigator.languages].map((tag) => tag?.toLowerCase().split("-")[0]);
  root.lang = wished.find((code) => known.includes(code)) ?? "en";
  root.dir = root.lang === "ar" ? "rtl" : "ltr";
  root.classList.toggle("unsaid", root.lang !== "en");
}
