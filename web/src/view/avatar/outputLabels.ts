import type { OutputKind } from "mocast-client";

/** The kinds of outputs as people know them, and what each is for. */
export const outputLabels: Readonly<Record<OutputKind, { readonly label: string; readonly hint: string }>> = {
  vmc: { label: "VMC", hint: "VSeeFace, Warudo, VNyan, Unity, Blender" },
  vts: { label: "VTube Studio", hint: "Asks there once whether Mocast may" },
  ifacialmocap: { label: "iFacialMocap", hint: "The face alone, for apps that know it" },
  livelinkface: { label: "Live Link Face", hint: "The face alone, for Unreal" },
  vrchat: { label: "VRChat", hint: "Trackers, eyes and the avatar's parameters" },
  osc: { label: "OSC", hint: "Bones and face, for TouchDesigner, Max and others" },
};

export const outputKinds = Object.keys(outputLabels) as OutputKind[];
