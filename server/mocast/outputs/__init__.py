"""Outputs: rigs sent to avatar apps, over the apps' own protocols (VMC, VTube Studio, iFacialMocap)."""
