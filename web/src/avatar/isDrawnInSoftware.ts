/** What the renderers without a GPU call themselves: Chromium's, Mesa's, Windows's and Apple's. */
const SOFTWARE = /swiftshader|llvmpipe|softpipe|basic render|software/i;

/** Whether WebGL here is drawn by the processor: some twenty times slower. `false` where it does not say. */
export function isDrawnInSoftware(): boolean {
  const context = document.createElement("canvas").getContext("webgl2");
  if (!context) return false;
  const names = context.getExtension("WEBGL_debug_renderer_info");
  const renderer = context.getParameter(names ? names.UNMASKED_RENDERER_WEBGL : context.RENDERER);
  // Browsers allow a page few contexts at once.
  context.getExtension("WEBGL_lose_context")?.loseContext();
  return SOFTWARE.test(String(renderer));
}
