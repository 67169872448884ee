// Runs before the first paint: picks light or dark, so that a page never flashes in the wrong one.
// What the person chose is kept in this browser; "auto" follows the system.

const KEY = "goodword-theme";
const system = matchMedia("(prefers-color-scheme: dark)");

function chosen(): string {
  try {
    return localStorage.getItem(KEY) ?? "auto";
  } catch {
    return "auto"; // storage is forbidden in this browser: follow the system
  }
}

function show(): void {
  const dark = chosen() === "dark" || (chosen() === "auto" && system.matches);
  document.documentElement.dataset.bsTheme = dark ? "dark" : "light";
  document.dispatchEvent(new CustomEvent("goodword:theme"));
}

document.documentElement.classList.add("js");
system.addEventListener("change", show);
document.addEventListener("goodword:choose-theme", (event) => {
  try {
    localStorage.setItem(KEY, (event as CustomEvent<string>).detail);
  } catch {
    // storage is forbidden: the choice holds until the page is left
  }
  document.documentElement.dataset.bsTheme = (event as CustomEvent<string>).detail;
  document.dispatchEvent(new CustomEvent("goodword:theme"));
});
show();

// The server writes times in the viewer's zone; this is how it learns which.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone && !document.cookie.includes(`goodword_tz=${encodeURIComponent(zone)}`)) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `goodword_tz=${encodeURIComponent(zone)}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
}
