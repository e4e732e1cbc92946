// The conversation: the word that is heard is marked, also when paused; a click on a word plays it; more turns are
// fetched as they are needed. Follows the sound until the reader scrolls.
const turns = document.querySelector("#turns");
const sound = document.querySelector("#sound");
const pill = document.querySelector("#follow");
const place = document.querySelector("#missed");
let following = true;
let current = null;

const ranges = (turn) => [Number(turn.dataset.s), Number(turn.dataset.e)];
const all = () => [...turns.querySelectorAll("li[data-s]")];

// A turn's words, each a span that knows when it is said; made when first needed.
function words(turn) {
  if (turn.words) return turn.words;
  const [start, end] = ranges(turn);
  const times = turn.dataset.w ? turn.dataset.w.split(" ").map((each) => start + Number(each) / 100) : [];
  const text = turn.querySelector("p");
  const found = [];
  let open = null;
  const into = (node) => {
    if (!open) {
      open = document.createElement("span");
      open.className = "word";
      found.push(open);
      text.append(open);
    }
    open.append(node);
  };
  for (const node of [...text.childNodes]) {
    node.remove();
    if (node.nodeType !== Node.TEXT_NODE) {
      into(node);
      continue;
    }
    for (const part of node.data.split(/(\s+)/)) {
      if (!part) continue;
      if (/^\s+$/.test(part)) {
        open = null;
        text.append(part);
      } else {
        into(part);
      }
    }
  }
  const timed = times.length === found.length;
  found.forEach((word, number) => {
    word.start = timed ? times[number] : start;
    word.end = timed ? (times[number + 1] ?? end) : end;
  });
  turn.words = found;
  return found;
}

function mark(at) {
  // The last turn that has begun: where both speak, the one who began later.
  const turn = all().findLast((each) => Number(each.dataset.s) <= at + 0.02);
  const word = turn && words(turn).findLast((each) => each.start <= at + 0.02);
  if (word !== current) {
    for (const each of turns.querySelectorAll(".now")) each.classList.remove("now");
    turn?.classList.add("now");
    word?.classList.add("now");
    current = word ?? null;
    if (following && turn) turn.scrollIntoView({ block: "nearest" });
  }
  for (const each of document.querySelectorAll("input[data-head]")) {
    // Where a note or a moment begins; what came back with a form that was not done was typed, too.
    if (!isTyped(each.form) && !each.defaultValue) each.value = at.toFixed(1);
  }
  if (place && !isTyped(place)) {
    // What was missed lies just behind the head while it moves, and under it when it stands.
    const paused = sound.paused && word && at < word.end + 0.5;
    place.elements.from_s.value = (paused ? word.start : Math.max(0, at - 2.5)).toFixed(2);
    place.elements.to_s.value = (paused ? Math.min(word.end, word.start + 3) : at + 0.1).toFixed(2);
  }
}

// A place that somebody typed stays theirs; until then it goes with the head, unless they are at the form.
const isTyped = (form) => form.contains(document.activeElement) || "placed" in form.dataset;
document.addEventListener("input", (event) => {
  if (/^(from|to)_s$/.test(event.target.name)) event.target.form.dataset.placed = "";
});

async function fetched(link) {
  const answer = await fetch(link.dataset.portion);
  if (!answer.ok) return link.click(); // the page itself says why
  const made = document.createElement("template");
  made.innerHTML = await answer.text();
  const item = link.closest("li");
  const earlier = link.rel === "prev";
  // Of what comes, the way back to what is here already is left out.
  made.content.querySelector(`a[rel=${earlier ? "next" : "prev"}]`)?.closest("li").remove();
  const height = document.documentElement.scrollHeight;
  item.replaceWith(...made.content.children);
  if (earlier) scrollBy(0, document.documentElement.scrollHeight - height);
  watch();
}

// Where the sound goes to what is not here yet, that portion takes the place of this one.
let fetching = false;
async function reach(at) {
  const items = all();
  const link = turns.querySelector("a[data-portion]");
  if (fetching || !link || !items.length) return;
  const before = at < ranges(items[0])[0] - 0.02 && turns.querySelector("a[rel=prev]");
  const after = at > ranges(items.at(-1))[1] && turns.querySelector("a[rel=next]");
  if (!before && !after) return;
  fetching = true;
  try {
    const address = new URL(link.dataset.portion, location.href);
    address.searchParams.delete("turn");
    address.searchParams.set("at", at.toFixed(2));
    const answer = await fetch(address);
    if (!answer.ok) return;
    const made = document.createElement("template");
    made.innerHTML = await answer.text();
    turns.replaceChildren(...made.content.children);
    current = null;
    watch();
    mark(at);
  } finally {
    fetching = false;
  }
}

const watcher = new IntersectionObserver((seen) => {
  for (const each of seen) if (each.isIntersecting) {
    watcher.unobserve(each.target);
    fetched(each.target);
  }
}, { rootMargin: "400px" });
const watch = () => {
  for (const link of turns.querySelectorAll("a[rel=next][data-portion]")) watcher.observe(link);
};

turns.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-portion]");
  if (link) {
    event.preventDefault();
    fetched(link);
    return;
  }
  const turn = event.target.closest("li[data-s]");
  if (!sound || !turn || event.target.closest("a") || String(getSelection())) return;
  const spans = words(turn);
  const word = event.target.closest(".word") ?? spans.find((each) => {
    const box = each.getBoundingClientRect();
    return event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
  });
  if (word) {
    sound.currentTime = word.start;
    sound.play().catch(() => {});
  }
});
turns.addEventListener("pointerover", (event) => {
  const turn = event.target.closest("li[data-s]");
  if (turn) words(turn);
});

function badges() {
  return all().flatMap((turn) => words(turn).filter((word) => word.querySelector("em")));
}
function walk(forward) {
  const at = sound.currentTime;
  const found = forward ? badges().find((each) => each.start > at + 0.05) : badges().findLast((each) => each.start < at - 0.05);
  if (!found) {
    const link = turns.querySelector(`a[rel=${forward ? "next" : "prev"}][data-portion]`);
    if (link) fetched(link).then(() => walk(forward));
    return;
  }
  for (const each of turns.querySelectorAll("em.here")) each.classList.remove("here");
  found.querySelector("em").classList.add("here");
  sound.currentTime = found.start;
  found.scrollIntoView({ block: "center" });
}

if (sound) {
  document.querySelector("#after").addEventListener("click", () => walk(true));
  document.querySelector("#tell").addEventListener("click", () => {
    // For screen readers, and only when asked: the turn under the head.
    const turn = turns.querySelector("li.now");
    document.querySelector("#told").textContent = turn ? turn.textContent.trim().replace(/\s+/g, " ") : "";
  });
  document.querySelector("#before").addEventListener("click", () => walk(false));
  const heard = () => {
    mark(sound.currentTime);
    reach(sound.currentTime);
  };
  for (const name of ["timeupdate", "seeked", "pause"]) sound.addEventListener(name, heard);
  const frame = () => {
    mark(sound.currentTime);
    if (!sound.paused) requestAnimationFrame(frame);
  };
  sound.addEventListener("play", () => requestAnimationFrame(frame));

  const follow = (on) => {
    following = on;
    pill.hidden = on || sound.paused;
    if (on) turns.querySelector("li.now")?.scrollIntoView({ block: "center" });
  };
  for (const name of ["wheel", "touchmove"]) addEventListener(name, () => !sound.paused && follow(false), { passive: true });
  addEventListener("keydown", (event) => /^(Page|Home|End|ArrowUp|ArrowDown)/.test(event.key) && !sound.paused && follow(false));
  pill.addEventListener("click", () => follow(true));
  sound.addEventListener("play", () => (pill.hidden = following));
  sound.addEventListener("pause", () => (pill.hidden = true));
}
watch();
