"""The ``openvino`` engine: MediaPipe's networks on OpenVINO in a loop of our own."""
