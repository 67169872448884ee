// What every page of the console can do beyond plain HTML. Each part only improves something that
// already works without it.
import htmx from "htmx.org";

htmx.config.includeIndicatorStyles = false;
htmx.config.allowEval = false;
htmx.config.allowScriptTags = false;
htmx.config.selfRequestsOnly = true;
htmx.config.historyCacheSize = 0;

/** Open menus close when the person goes elsewhere, and on Escape, which returns to the menu's button. */
function closeMenus(except?: Node): void {
  for (const menu of document.querySelectorAll<HTMLDetailsElement>("details.menu[open]")) {
    if (!except || !menu.contains(except)) menu.open = false;
  }
}
document.addEventListener("click", (event) => closeMenus(event.target as Node));
document.addEventListener("focusin", (event) => closeMenus(event.target as Node));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const open = document.querySelector<HTMLDetailsElement>("details.menu[open]");
    if (open) {
      open.open = false;
      open.querySelector("summary")?.focus();
    }
  }
  const typing = (event.target as HTMLElement).closest("input, textarea, select, [contenteditable]");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    const search = document.querySelector<HTMLInputElement>("input[type=search]");
    if (search) {
      event.preventDefault();
      search.focus();
      search.select();
    }
  }
});

document.addEventListener("click", (event) => {
  const button = (event.target as HTMLElement).closest<HTMLElement>("[data-action]");
  if (!button) return;
  if (button.dataset.action === "theme") {
    const next = document.documentElement.dataset.bsTheme === "dark" ? "light" : "dark";
    document.dispatchEvent(new CustomEvent("goodword:choose-theme", { detail: next }));
  } else if (button.dataset.action === "navigation") {
    const menu = document.getElementById(button.getAttribute("aria-controls") ?? "");
    const open = menu?.classList.toggle("is-open") ?? false;
    button.setAttribute("aria-expanded", String(open));
  } else if (button.dataset.action === "copy") {
    void copy(button);
  }
});

async function copy(button: HTMLElement): Promise<void> {
  await navigator.clipboard.writeText(button.dataset.text ?? "");
  const said = document.getElementById("announce");
  if (said) said.textContent = button.dataset.done ?? "";
  button.classList.add("is-done");
  setTimeout(() => button.classList.remove("is-done"), 1500);
}

/** A failed live request falls back to the plain request, whose page says what went wrong. */
document.addEventListener("htmx:responseError", (event) => {
  const { elt } = (event as CustomEvent<{ elt: HTMLElement }>).detail;
  const form = elt.closest("form");
  if (form) form.submit();
  else if (elt instanceof HTMLAnchorElement) location.assign(elt.href);
});
