// The button that prints; without JavaScript the browser's own menu does.

const button = document.querySelector('[data-action="print"]');
button.hidden = false;
button.addEventListener("click", () => print());
