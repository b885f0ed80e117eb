/** Call back with each file that is dropped anywhere on the page, which then is not opened in the page's place. */
export function onFileDrop(onFile: (file: File) => void): void {
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    const [file] = event.dataTransfer?.files ?? [];
    if (file) onFile(file);
  });
}
