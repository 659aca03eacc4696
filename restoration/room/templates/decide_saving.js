"use strict";
// Saving: as a file from disk, or at once where the page is served.
(function () {
  const H = window.HERITAGE;

  const asJson = () => JSON.stringify(H.decisions.file(), null, 2) + "\n";

  // Download the file; its name.
  H.decisions.download = function () {
    const name = H.item.identifier + "-decisions.json";
    const address = URL.createObjectURL(new Blob([asJson()], { type: "application/json" }));
    const link = H.make("a", { href: address, download: name });
    document.body.append(link);
    link.click();
    link.remove();
    window.setTimeout(() => URL.revokeObjectURL(address), 10000);
    return name;
  };

  async function answerOf(response) {
    const text = await response.text();
    try {
      return JSON.parse(text);
    } catch (noJson) {
      return { problem: text.trim() };
    }
  }

  // Send the decisions to the server that shows the page: {problem} where it refuses, else its answer.
  H.decisions.send = async function () {
    const { url, token } = H.item.serve;
    let response;
    try {
      response = await fetch(url, {
        method: "POST",
        headers: { "Content-Type": "application/json", Authorization: "Bearer " + token },
        body: asJson(),
      });
    } catch (unreachable) {
      return { problem: H.text("decide.no_answer") };
    }
    const answer = await answerOf(response);
    if (!response.ok) return { problem: answer.problem || answer.error || String(response.status) };
    if (answer.head) H.item.head = answer.head;
    H.item.decisions = [...(H.item.decisions || []), ...H.decisions.file().decisions.map((each) => ({ ...each, by: H.decisions.by() }))];
    H.decisions.clear();
    return answer;
  };
})();
