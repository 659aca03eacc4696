"use strict";
// Long lists, a stretch at a time: what is seen stands at once, some more when the browser has nothing else to do, and
// the rest as somebody comes near it. A list that holds thousands of rows at all times is slow to change.
(function () {
  const H = window.HERITAGE;
  const FIRST = 40;
  const AT_ONCE = 60;
  const AHEAD = 280;
  const NEAR = "0px 0px 4000px 0px";
  const runs = new WeakMap();

  const later = window.requestIdleCallback
    ? (work) => window.requestIdleCallback(work, { timeout: 400 })
    : (work) => window.setTimeout(work, 30);

  function add(parent, makers, from, count) {
    const stretch = document.createDocumentFragment();
    const stop = Math.min(makers.length, from + count);
    for (let n = from; n < stop; n++) stretch.append(makers[n]());
    parent.append(stretch);
    return stop;
  }

  // Fill a list with what the makers make, in their order; a second filling of the same list ends the first.
  H.fill = function (parent, makers) {
    runs.get(parent)?.disconnect();
    const watch = new IntersectionObserver((seen) => seen.some((each) => each.isIntersecting) && more(), { rootMargin: NEAR });
    runs.set(parent, watch);
    parent.replaceChildren();
    let done = add(parent, makers, 0, FIRST);
    function more() {
      if (runs.get(parent) !== watch) return;
      watch.disconnect();
      done = add(parent, makers, done, AT_ONCE);
      next();
    }
    function next() {
      if (done >= makers.length) return;
      if (done < AHEAD) later(more);
      else watch.observe(parent.lastElementChild);
    }
    next();
  };
})();
