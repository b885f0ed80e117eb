/** Said where code of the page cannot be had: the page was built anew since it was opened, or the server is away. */
export const partMissing = "This part of the page could not be loaded. Reload the page.";
