// One key for what is on the page: an element says its keys in aria-keyshortcuts, and is pressed or focused by them.
// Never with Alt, Ctrl or Meta; AltGr, which types [ and ] on a French keyboard, is none of these.
const writes = "input:not([type=checkbox], [type=radio], [type=range]), textarea, select, [contenteditable]";
const NAMES = { " ": "Space" };

document.addEventListener("keydown", (event) => {
  const alternate = event.getModifierState("AltGraph");
  if (event.defaultPrevented || ((event.altKey || event.ctrlKey) && !alternate) || event.metaKey) return;
  if (event.target.closest(writes)) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  if (document.querySelector("dialog[open]")) return;
  if (event.key === " " && event.target.closest("button, a, summary, input")) return; // it presses what has the focus
  if (event.key.startsWith("Arrow") && event.target.closest("input")) return;
  const key = NAMES[event.key] ?? event.key;
  const found = [...document.querySelectorAll("[aria-keyshortcuts]")].find(
    (each) => each.getAttribute("aria-keyshortcuts").split(" ").includes(key) && !each.disabled && !each.closest("[hidden]"),
  );
  if (!found) return;
  event.preventDefault();
  if (found.matches(`${writes}, .danger`)) { // what cannot be undone is only gone to: Enter does it
    found.focus();
    found.select?.();
  } else {
    found.click();
  }
});

const dialog = document.querySelector("dialog#keys");
document.querySelector("#help")?.addEventListener("click", () => {
  const list = dialog.querySelector("dl");
  list.replaceChildren();
  for (const each of document.querySelectorAll("[aria-keyshortcuts]")) {
    if (each.closest("[hidden]")) continue;
    const keys = document.createElement("dt");
    for (const key of each.getAttribute("aria-keyshortcuts").split(" ")) {
      const shown = document.createElement("kbd");
      shown.textContent = { ArrowLeft: "←", ArrowRight: "→", Space: dialog.dataset.space }[key] ?? key;
      keys.append(shown, " ");
    }
    const what = document.createElement("dd");
    what.textContent = each.getAttribute("aria-label") ?? each.textContent.trim();
    list.append(keys, what);
  }
  dialog.showModal();
});

// After a search the eye is on what was found, and so are the keys.
document.addEventListener("submit", (event) => event.target.matches("[role=search]") && document.activeElement.blur());
