/* Blind tests: is X the sound before or after (A/B/X), and which of the two is better, without their names. */
(() => {
  "use strict";
  const H = window.HERITAGE;
  const parts = (H.playerParts ??= {});
  const PAIR = ["before", "after"];
  const TRIALS = 8;

  let test = null;
  const past = [];               // tests that are over
  const emit = () => H.bus.dispatchEvent(new CustomEvent("blind", { detail: parts.blind.state() }));

  const coin = () => crypto.getRandomValues(new Uint8Array(1))[0] & 1;

  /** The chance of at least so many of n heads with a fair coin. */
  const chance = (least, n) => {
    let ways = 1;
    let sum = 0;
    for (let k = 0; k <= n; k += 1) {
      if (k >= least) sum += ways;
      ways = (ways * (n - k)) / (k + 1);
    }
    return sum / 2 ** n;
  };

  const words = (p) => (p <= 0.01 ? "very_unlikely" : p <= 0.05 ? "unlikely" : p <= 0.2 ? "perhaps" : "guessing");

  const deal = () => {
    if (test.mode === "preference" || !test.letters) {
      const turned = coin();
      test.letters = { A: PAIR[turned], B: PAIR[1 - turned] };
    }
    if (test.mode === "abx") test.letters.X = PAIR[coin()];
    test.heard = null;
  };

  /**
   * A test in figures. For A/B/X: right of done, p one-sided. For preference: after of done, p two-sided.
   */
  const tallied = ({ mode, trials, done, right, after }) => {
    const p = mode === "abx" ? chance(right, done) : Math.min(1, 2 * chance(Math.max(after, done - after), done));
    return { mode, trials, done, right: mode === "abx" ? right : null, after: mode === "abx" ? null : after, p, words: words(p) };
  };

  /** "7 of 8 right: unlikely to be guessing", ready for the reason of a decision. */
  const sentence = (tally) => {
    const count = tally.mode === "abx" ? tally.right : tally.after;
    const verdict = H.text(`player.${tally.mode === "abx" ? "verdict" : "liking"}_${tally.words}`);
    const p = parts.dom.figure(tally.p, 3);
    const text = H.text(`player.tally_${tally.mode}`, { count, of: tally.done, verdict, p });
    return tally.done < tally.trials ? `${text} ${H.text("player.tally_early", { of: tally.trials })}` : text;
  };

  const close = () => {
    const ended = test;
    test = null;
    if (ended.done) past.push(tallied(ended));
    parts.hearSecretly("after");
    H.bus.dispatchEvent(new CustomEvent("chosen", { detail: { name: "after" } }));
    emit();
  };

  parts.blind = {
    /** Whether a test runs, so that the names are hidden. */
    hiding: () => test !== null,
    possible: () => PAIR.every((name) => H.item.sounds.some((sound) => sound.name === name)),
    /** What may be shown: the letters, never what is behind them. */
    state: () => (test ? { mode: test.mode, trial: test.done + 1, trials: test.trials, heard: test.heard } : null),
    start({ mode = "abx", trials = TRIALS } = {}) {
      test = { mode, trials, done: 0, right: 0, after: 0, letters: null, heard: null };
      deal();
      this.hear("A");
    },
    hear(letter) {
      if (!test?.letters[letter]) return;
      test.heard = letter;
      parts.hearSecretly(test.letters[letter]);
      emit();
    },
    /** "A" or "B": X is that one (abx), or that one is better (preference). The result is told when all is answered. */
    answer(letter) {
      if (!test || !["A", "B"].includes(letter)) return;
      test.done += 1;
      if (test.mode === "abx") test.right += test.letters[letter] === test.letters.X ? 1 : 0;
      else test.after += test.letters[letter] === "after" ? 1 : 0;
      if (test.done === test.trials) {
        close();
        return;
      }
      deal();
      this.hear("A");
    },
    stop: () => test && close(),
    /** The tests that are over, newest last, each with its sentence; null while there is none. */
    tally: () => (past.length ? past.map((one) => ({ ...one, sentence: sentence(one) })) : null),
    chance,
  };
})();
