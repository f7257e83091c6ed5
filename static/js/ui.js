/* What HTML and CSS cannot do alone; every page works without it.
   data-dialog-open="id"   a link or button that opens <dialog id> instead of going to its page
   data-dialog-close       closes the dialog it stands in
   .toast-close            takes its message away
   data-form-errors        gets the focus after a form came back, so that a screen reader starts there */

document.documentElement.classList.add("has-script");

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog-open]");
  if (opener && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    const dialog = document.getElementById(opener.dataset.dialogOpen);
    if (dialog) {
      event.preventDefault();
      dialog.showModal();
    }
    return;
  }
  const closer = event.target.closest("[data-dialog-close]");
  if (closer) {
    closer.closest("dialog").close();
    return;
  }
  // A click on the backdrop lands on the dialog itself, never on what is inside it.
  if (event.target.matches("dialog.dialog")) {
    event.target.close();
    return;
  }
  event.target.closest(".toast-close")?.closest(".toast").remove();
});

document.addEventListener("DOMContentLoaded", () => {
  document.querySelector("[data-form-errors]")?.focus();
});
