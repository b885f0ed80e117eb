/** What the tests use of gltf-validator, which brings no types. */
declare module "gltf-validator" {
  export interface Report {
    readonly issues: { readonly messages: readonly { readonly code: string; readonly severity: number }[] };
    readonly info: { readonly totalTriangleCount: number };
  }

  export function validateBytes(data: Uint8Array): Promise<Report>;
}
