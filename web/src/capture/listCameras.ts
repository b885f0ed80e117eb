export interface Camera {
  readonly id: string;
  readonly label: string;
}

/** The cameras that there are. The list is empty until a camera was allowed once: until then browsers hide ids and names. */
export async function listCameras(): Promise<Camera[]> {
  const devices = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
  return devices
    .filter(({ kind, deviceId }) => kind === "videoinput" && deviceId !== "")
    .map(({ deviceId, label }, at) => ({ id: deviceId, label: label || `Camera ${at + 1}` }));
}
