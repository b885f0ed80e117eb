export interface Camera {
  readonly id: string;
  readonly label: string;
}

/** The cameras at hand. Browsers hide ids and names until a camera was allowed once; then the list is empty. */
export async function listCameras(): Promise<Camera[]> {
  const devices = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
  return devices
    .filter(({ kind, deviceId }) => kind === "videoinput" && deviceId !== "")
    .map(({ deviceId, label }, at) => ({ id: deviceId, label: label || `Camera ${at + 1}` }));
}
