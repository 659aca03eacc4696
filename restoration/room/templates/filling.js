"use strict";
// Long lists, a stretch at a time: what is seen stands at once, the rest follows when the browser has nothing else to do.
(function () {
  const H = window.HERITAGE;
  const FIRST = 40;
  const AT_ONCE = 60;
  const runs = new WeakMap();

  const later = window.requestIdleCallback
    ? (work) => window.requestIdleCallback(work, { timeout: 400 })
    : (work) => window.setTimeout(work, 30);

  function adding(parent, makers, from, count) {
    const stretch = document.createDocumentFragment();
    const stop = Math.min(makers.length, from + count);
    for (let n = from; n < stop; n++) stretch.append(makers[n]());
    parent.append(stretch);
    return stop;
  }

  // Fill a list with what the makers make, in their order; a second filling of the same list ends the first.
  H.fill = function (parent, makers) {
    const run = {};
    runs.set(parent, run);
    parent.replaceChildren();
    let done = adding(parent, makers, 0, FIRST);
    function more() {
      if (runs.get(parent) !== run) return;
      done = adding(parent, makers, done, AT_ONCE);
      if (done < makers.length) later(more);
      else H.emit("filled", { parent });
    }
    if (done < makers.length) later(more);
  };
})();
