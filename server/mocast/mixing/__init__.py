"""Several sources' poses and the camera's rig → one rig: pure, without clocks, threads or sockets."""
