# docker build -t mocast .
# Base images by digest, from deploy/images.env; with others: --build-arg PYTHON_IMAGE=...
ARG NODE_IMAGE=docker.io/library/node:22-bookworm-slim@sha256:43ac6c60b8f89723f746e8a92ce91abd5017e627ce1ddfe4238355d3a30b772c
ARG PYTHON_IMAGE=docker.io/library/python:3.11-slim-bookworm@sha256:a36c24f9cbdf4fd0f52d67f0823eeac19c2028c637cecc392d97f980d4fec56b

# The page, into /build/server/mocast/web.
FROM ${NODE_IMAGE} AS web
WORKDIR /build/web
COPY web/package.json web/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY web ./
COPY docs/openapi.yaml ../docs/
COPY LICENSE ../
RUN npm run build

# The heavy pose network, for quality "best" of files and pictures: POSE=heavy adds its 28 MB.
FROM ${NODE_IMAGE} AS heavy
ARG POSE=full
WORKDIR /build
COPY scripts/heavy ./
RUN mkdir /heavy \
 && case $POSE in \
      heavy) npm ci --ignore-scripts \
        && install -m 644 node_modules/@mediapipe/holistic/pose_landmark_heavy.tflite /heavy/ ;; \
      full) ;; \
      *) echo "POSE is full or heavy, not $POSE" >&2; exit 1 ;; \
    esac

# What the server needs, into /opt/mocast, less what it never opens: MediaPipe's Python code and what only that imports
# (we load its native module alone: server/mocast/tracking/mediapipe/bindings.py) and networks that we do not use;
# OpenVINO's readers of other formats and its plugins for other devices; OpenCV's cascades, tests, sources.
# Libraries lose what only a debugger reads: 54 MB less; the package of Debian's that does it stays in this stage.
# What OpenCV, PyAV and Pillow are linked with and we never call becomes stubs: 102 MB less. OpenCV's FFmpeg is for its
# video files, its OpenBLAS for matrices of 25 rows and more, PyAV's two encoders for H.265 and AV1, Pillow's xcb for
# pictures of the screen. FFmpeg asks x265 what it can do whenever it looks for any codec.
# MEDIAPIPE=whole keeps MediaPipe's libraries and what else only they use: 33 MB more, for the engine "mediapipe", to compare with.
FROM ${PYTHON_IMAGE} AS packages
ARG MEDIAPIPE=networks
WORKDIR /build
ENV UV_PYTHON_DOWNLOADS=never UV_NO_CACHE=1
RUN apt-get update -qq && apt-get install -qq --no-install-recommends binutils >/dev/null && rm -rf /var/lib/apt/lists/*
COPY requirements-uv.lock requirements.lock scripts/stub_libraries.py ./
RUN python -m venv /opt/uv \
 && /opt/uv/bin/pip install -q --no-cache-dir --require-hashes -r requirements-uv.lock \
 && /opt/uv/bin/uv venv -q --python "$(command -v python)" /opt/mocast \
 && export VIRTUAL_ENV=/opt/mocast PATH=/opt/uv/bin:$PATH \
 && uv pip sync -q --require-hashes requirements.lock \
 && uv pip uninstall -q matplotlib fonttools kiwisolver contourpy cycler pyparsing python-dateutil \
      tzdata absl-py flatbuffers \
 && cd /opt/mocast/lib/python3*/site-packages \
 && rm -r mediapipe/tasks mediapipe/modules/iris_landmark mediapipe/modules/selfie_segmentation mediapipe/modules/objectron \
 && find mediapipe/modules \( -name face_detection_full_range.tflite -o -name palm_detection_lite.tflite -o -name face_landmark.tflite \) -delete \
 && case $MEDIAPIPE in \
      networks) rm -r mediapipe.libs && find mediapipe -type f \( -not -name '*.tflite' -o -name hand_landmark_lite.tflite \) -delete \
        && uv pip uninstall -q protobuf ;; \
      whole) ;; \
      *) echo "MEDIAPIPE is whole or networks, not $MEDIAPIPE" >&2; exit 1 ;; \
    esac \
 && find openvino/libs -name 'libopenvino_*' -not -name '*_cpu_plugin.so' -not -name '*_ir_frontend.so*' \
      -not -name '*_tensorflow_lite_frontend.so*' -delete \
 && rm -rf openvino/libs/cache.json openvino/include openvino/cmake openvino/tools openvino/torch openvino/frontend/*/ \
 && rm numpy/core/_simd.* PIL/_avif.* PIL/_imagingcms.* PIL/_imagingft.* \
 && find . \( -name tests -type d -o -name 'haarcascade_*.xml' -o -name '*.pyi' -o -name '*.[ch]' -o -name '*.pyx' \) \
      -prune -exec rm -r {} + \
 && python /build/stub_libraries.py . 'opencv_python_headless.libs/libopenblas*' 'opencv_python_headless.libs/libav*' \
      'opencv_python_headless.libs/libsw*' 'av.libs/libx265*=null' 'av.libs/libSvtAv1Enc*' 'pillow.libs/libxcb*' \
 && find . -name '*.so*' -type f -exec strip --strip-unneeded {} +

# MediaPipe's network of blend shapes, out of the one package that has it.
FROM packages AS face_shapes
COPY requirements-networks.lock ./
COPY scripts/face_shapes.sh scripts/
RUN mkdir -p server/mocast/tracking && scripts/face_shapes.sh /opt/uv/bin/uv /opt/mocast/bin/python

# Mocast itself, into /own, with the bytecode of all that a start imports: at run time nothing can be written.
# That is what doctor is for here, beside the proof that what was taken away is not missed.
FROM packages AS server
ARG MEDIAPIPE=networks
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY server server
COPY --from=web /build/server/mocast/web server/mocast/web
COPY --from=heavy /heavy server/mocast/tracking/heavy
COPY --from=face_shapes /build/server/mocast/tracking/face_shapes server/mocast/tracking/face_shapes
COPY requirements-networks.lock ./
COPY scripts/heavy/package-lock.json scripts/heavy/
COPY web/package-lock.json web/
COPY scripts/build_backend.py scripts/locks.py scripts/sbom.py scripts/
RUN /opt/uv/bin/uv pip install -q --offline --no-deps -C without=networks --python /opt/mocast/bin/python --prefix /own . \
 && cp -a /own/. /opt/mocast/ \
 && mkdir -p /own/share/mocast && /opt/mocast/bin/python -m scripts.sbom >/own/share/mocast/sbom.cdx.json \
 && export PYTHONPYCACHEPREFIX=/own/pycache \
 && /opt/mocast/bin/mocast doctor --port 0 --engine openvino --cache-dir "" \
 && if [ "$MEDIAPIPE" = whole ]; then /opt/mocast/bin/mocast doctor --port 0 --engine mediapipe; fi \
 && /opt/mocast/bin/python -c "import mocast.app"

FROM ${PYTHON_IMAGE}
LABEL org.opencontainers.image.title="Mocast" \
      org.opencontainers.image.description="Motion capture over WebRTC: camera in, annotated picture and landmarks out" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN useradd --uid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin mocast \
 && install -d -o mocast -g mocast /var/lib/mocast /var/lib/mocast/turn /var/lib/mocast/recordings /var/lib/mocast/jobs /var/cache/mocast
# Two layers: the large one is the same from release to release.
COPY --from=packages /opt/mocast /opt/mocast
COPY --from=server /own /opt/mocast
ENV PATH=/opt/mocast/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONPYCACHEPREFIX=/opt/mocast/pycache \
    MOCAST_HOST=0.0.0.0 \
    MOCAST_CACHE_DIR=/var/cache/mocast
USER 10001:10001
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s CMD ["mocast", "health"]
ENTRYPOINT ["mocast"]
CMD ["serve"]
