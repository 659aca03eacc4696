"use strict";
(function () {
  const players = Array.from(document.querySelectorAll("audio"));
  const together = document.getElementById("together");
  let playing = null;
  // Seconds of this player to a second of the restored sound: not 1 where the treatment changed the time axis.
  function pace(player) { return Number(player.dataset.pace || 1); }
  let stopAt = null;
  if (players.length > 1 && together) together.closest("p").hidden = false;
  players.forEach(function (player) {
    player.addEventListener("play", function () {
      if (together && together.checked && playing && playing !== player && !player.dataset.seeking) {
        playing.pause();
        player.currentTime = playing.currentTime * pace(player) / pace(playing);
      }
      delete player.dataset.seeking;
      playing = player;
    });
    player.addEventListener("timeupdate", function () {
      if (stopAt !== null && player.currentTime >= stopAt) {
        player.pause();
        stopAt = null;
      }
    });
  });
  document.querySelectorAll("a.seek").forEach(function (place) {
    place.addEventListener("click", function (event) {
      const player = document.querySelector("audio[data-treated]") || players[0];
      if (!player || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      if (playing && playing !== player) playing.pause();
      player.dataset.seeking = "yes";
      stopAt = null;
      player.currentTime = Number(place.dataset.start);
      player.play().then(function () { stopAt = Number(place.dataset.end); }, function () { window.location = place.href; });
    });
  });
  window.addEventListener("beforeprint", function () {
    document.querySelectorAll("details").forEach(function (part) { part.open = true; });
  });
})();
