// The player: buttons for the page's <audio>, which fetches what it plays. Nothing of the sound is decoded here.
const sound = document.querySelector("#sound");
const pick = (name) => document.querySelector(name);

const clock = (seconds) => {
  const whole = Math.floor(seconds / 60);
  const hours = Math.floor(whole / 60);
  const rest = (seconds % 60).toFixed(1).padStart(4, "0");
  return hours ? `${hours}:${String(whole % 60).padStart(2, "0")}:${rest}` : `${whole}:${rest}`;
};

function begin() {
  const duration = Number(sound.dataset.duration);
  const silences = JSON.parse(sound.dataset.silences);
  const wave = pick("#wave");
  const head = pick("#head");
  const position = pick("#position");
  const shown = pick("#clock b");
  const play = pick("#play");
  const loop = { from: null, to: null };

  sound.controls = false;
  pick("#controls").hidden = false;
  pick(".options").open = matchMedia("(min-width: 60rem)").matches;

  const go = (seconds) => {
    sound.currentTime = Math.min(Math.max(0, seconds), duration);
    show();
  };
  const show = () => {
    const at = sound.currentTime;
    const share = `${(100 * at) / duration}%`;
    head.setAttribute("x1", share);
    head.setAttribute("x2", share);
    shown.textContent = clock(at);
    if (document.activeElement !== position) position.value = at;
    position.setAttribute("aria-valuetext", clock(at));
  };
  const step = () => {
    const at = sound.currentTime;
    if (loop.to !== null && at >= loop.to) sound.currentTime = loop.from;
    else if (pick("#skip-silence").checked) {
      const silence = silences.find(([from, to]) => at > from + 0.3 && at < to - 0.4);
      if (silence) sound.currentTime = silence[1] - 0.3;
    }
    show();
    if (!sound.paused) requestAnimationFrame(step);
  };

  const state = () => {
    play.textContent = sound.paused ? play.dataset.play : play.dataset.pause;
    show();
  };
  sound.addEventListener("play", () => {
    state();
    requestAnimationFrame(step);
  });
  for (const name of ["pause", "seeked", "timeupdate", "loadedmetadata"]) sound.addEventListener(name, state);
  play.addEventListener("click", () => (sound.paused ? sound.play().catch(() => {}) : sound.pause()));
  for (const each of document.querySelectorAll("[data-skip]")) {
    each.addEventListener("click", () => go(sound.currentTime + Number(each.dataset.skip)));
  }
  position.addEventListener("input", () => go(Number(position.value)));
  wave.addEventListener("click", (event) => {
    const box = wave.getBoundingClientRect();
    go(((event.clientX - box.left) / box.width) * duration);
  });
  pick("#speed").addEventListener("change", (event) => (sound.playbackRate = Number(event.target.value)));

  // A–B: set A, set B, end.
  const ab = pick("#ab");
  const steps = ab.dataset.words.split("|");
  ab.addEventListener("click", () => {
    if (loop.from === null) loop.from = sound.currentTime;
    else if (loop.to === null && sound.currentTime > loop.from + 0.2) loop.to = sound.currentTime;
    else loop.from = loop.to = null;
    ab.textContent = steps[loop.from === null ? 0 : loop.to === null ? 1 : 2];
    ab.setAttribute("aria-pressed", String(loop.from !== null));
    const drawn = pick("#loop");
    const to = loop.to ?? loop.from;
    drawn.setAttribute("x", `${(100 * (loop.from ?? 0)) / duration}%`);
    drawn.setAttribute("width", loop.from === null ? 0 : `${Math.max(0.15, (100 * (to - loop.from)) / duration)}%`);
  });

  pick("#volume")?.addEventListener("input", (event) => (sound.volume = Number(event.target.value)));

  // Volume by channel: the sound passes through two gains as it is played. Made when first asked for.
  let gains = null;
  const mixed = () => {
    const context = new AudioContext();
    const split = context.createChannelSplitter(2);
    const merge = context.createChannelMerger(2);
    context.createMediaElementSource(sound).connect(split);
    gains = [0, 1].map((channel) => {
      const gain = context.createGain();
      split.connect(gain, channel);
      gain.connect(merge, 0, channel);
      return gain;
    });
    merge.connect(context.destination);
    sound.addEventListener("play", () => context.resume());
    context.resume();
  };
  for (const each of document.querySelectorAll("[data-channel]")) {
    each.addEventListener("input", () => {
      if (!gains) mixed();
      gains[Number(each.dataset.channel)].gain.value = Number(each.value);
    });
  }

  // On to the next result, and a page that was opened so begins to play.
  const next = pick("#next-result");
  const autoplay = pick("#autoplay");
  autoplay.checked = new URLSearchParams(location.search).has("play");
  const follow = () => {
    if (!next) return;
    const address = new URL(next.href);
    if (autoplay.checked) address.searchParams.set("play", "1");
    else address.searchParams.delete("play");
    next.href = address.href;
  };
  autoplay.addEventListener("change", follow);
  follow();
  sound.addEventListener("ended", () => autoplay.checked && next?.click());
  if (autoplay.checked) sound.play().catch(() => {});

  // The place in the address: #t=83.5
  const moment = () => {
    const found = /^#t=([0-9.]+)$/.exec(location.hash);
    if (found) go(Number(found[1]));
  };
  addEventListener("hashchange", moment);
  if (sound.readyState) moment();
  else sound.addEventListener("loadedmetadata", moment, { once: true });
  const here = pick("#here");
  const said = here.textContent;
  here.addEventListener("click", async () => {
    const address = new URL(location.href);
    address.hash = `t=${sound.currentTime.toFixed(1)}`;
    history.replaceState(null, "", address);
    try {
      await navigator.clipboard.writeText(address.href);
      here.textContent = here.dataset.done;
      setTimeout(() => (here.textContent = said), 2000);
    } catch {
      here.textContent = said; // the address bar has it
    }
  });
  state();
}

if (sound) begin();
