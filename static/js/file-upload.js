/* <file-upload>: a form with a file, sent with its progress shown.

     <file-upload><form method="post" enctype="multipart/form-data">…<progress hidden></progress>…</form></file-upload>
   Without script the form sends itself. */
const MEGABYTE = 1024 * 1024;

class FileUpload extends HTMLElement {
  connectedCallback() {
    this.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send(event.target, event.submitter);
    });
  }

  send(form, button) {
    const bar = form.querySelector("progress");
    const words = form.querySelector("[data-progress]");
    const request = new XMLHttpRequest();
    const stop = (text) => {
      bar.hidden = true;
      button.disabled = false;
      words.textContent = text;
    };
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      bar.max = total || 1;
      bar.value = loaded;
      const sent = Math.floor(loaded / MEGABYTE).toLocaleString("en");
      const all = Math.ceil(total / MEGABYTE).toLocaleString("en");
      words.textContent = loaded < total ? `Sending: ${sent} of ${all} MB. Please keep this page open.` : "Sent. One moment…";
    });
    request.addEventListener("load", () => {
      const page = new DOMParser().parseFromString(request.responseText, "text/html");
      if (request.status < 400 && request.responseURL !== location.href) {
        location.assign(request.responseURL);
        return;
      }
      const told = page.querySelector("#import-error");
      stop(told?.textContent || "That could not be sent. Please try again.");
    });
    request.addEventListener("error", () => stop("The connection broke. Please try again."));
    request.open("POST", form.action || location.href);
    const body = new FormData(form);
    button.disabled = true;
    bar.hidden = false;
    request.send(body);
  }
}
customElements.define("file-upload", FileUpload);
