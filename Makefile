# One command each; the logic is in scripts/. `make` alone says what there is.
.DEFAULT_GOAL := help
.PHONY: help run test wheel fuzz test-tracking test-avatars test-interop test-cluster test-containers test-kubernetes test-faults test-networks test-ray soak check setup heavy quantise bench bench-capacity lock audit images clean

PY := .venv/bin/python
COMPILE = .tools/uv/bin/uv pip compile pyproject.toml --quiet --universal --generate-hashes --no-header \
	--no-annotate --no-emit-index-url --python-version 3.11 $(ARGS)

help: ## Say what each target does
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: setup ## Install, build the page and serve it on http://localhost:8080 (ARGS="--port 9000 ...")
	@exec .venv/bin/mocast serve $(ARGS)

# Clips of people that lie beside the checkout are used; tests pass without them.
export TEST_CLIPS ?= $(abspath $(wildcard ../shared/clips))

test: setup ## Tests of all: the page's units, the server's, and a browser against both (ARGS="-k name ..." for pytest)
	@scripts/python_env.sh dev
	npm --prefix web test
	unset PYTHONDONTWRITEBYTECODE; $(PY) -m pytest -n auto $(ARGS)

fuzz: setup ## Thousands of cases at each border, over live connections (FUZZ_CASES=10000, ARGS="-k sctp ...")
	@scripts/python_env.sh dev
	$(PY) -m pytest tests/long/test_fuzz.py tests/long/test_fuzz_http.py tests/long/test_http_floods.py $(ARGS)

test-tracking: setup ## Both engines on real pictures: what they find, beside MediaPipe, in each quality, whatever comes
	@scripts/python_env.sh dev
	unset PYTHONDONTWRITEBYTECODE; $(PY) -m pytest -n auto tests/tracking $(ARGS)

test-avatars: setup ## The avatar in a browser: the page's, that for OBS, recordings and what they become (Chromium draws in software)
	@scripts/python_env.sh dev
	unset PYTHONDONTWRITEBYTECODE; $(PY) -m pytest -n auto tests/e2e/avatars $(ARGS)

test-interop: setup ## FFmpeg, GStreamer, Chromium and Firefox publish by WHIP, play by WHEP; an RTSP camera: docs/connect.md
	@scripts/python_env.sh dev
	unset PYTHONDONTWRITEBYTECODE; $(PY) -m pytest tests/interop $(ARGS)

test-cluster: setup ## Several nodes that are one server, by a real Redis that comes and goes: docs/scaling.md
	@scripts/python_env.sh dev
	unset PYTHONDONTWRITEBYTECODE; $(PY) -m pytest tests/cluster $(ARGS)

COMPOSE ?= docker compose
test-containers: wheel ## Build and start docker-compose.yml and use it by TURN only; install the wheel alone (COMPOSE=podman-compose)
	@scripts/python_env.sh dev
	$(COMPOSE) build
	COMPOSE="$(COMPOSE)" $(PY) -m pytest tests/containers $(ARGS)

KUBERNETES := .tools/kubernetes/bin/python
test-kubernetes: setup ## deploy/k8s against the schemas of three versions of Kubernetes (wants kubectl): docs/deployment.md
	@scripts/python_env.sh dev
	@test -x $(KUBERNETES) || .tools/uv/bin/uv venv --quiet --python $(PY) .tools/kubernetes
	@.tools/uv/bin/uv pip sync --quiet --require-hashes --python $(KUBERNETES) requirements-kubernetes.lock
	$(PY) -m pytest tests/kubernetes $(ARGS)

check: setup ## Everything that needs no run: lint, format, types, import direction, tests that can be read
	@scripts/python_env.sh dev
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	@found=$$($(PY) -m pytest --collect-only -qq tests tests/e2e/avatars $(addprefix tests/,tracking interop cluster kubernetes containers long)) \
		|| { echo "$$found"; exit 1; }
	npm --prefix web run check

setup: ## What run and test share: the Python environment and the built page
	@scripts/python_env.sh run
	@scripts/web.sh

HEAVY := server/mocast/tracking/heavy
heavy: ## Install the heavy pose network, from npm: what quality "best" of files and pictures finds bodies with (28 MB)
	npm ci --prefix scripts/heavy --ignore-scripts --loglevel=error
	mkdir -p $(HEAVY)
	install -m 644 scripts/heavy/node_modules/@mediapipe/holistic/pose_landmark_heavy.tflite $(HEAVY)/
	rm -rf scripts/heavy/node_modules

QUANTISE := .tools/quantise/bin/python
quantise: ## Make the 8-bit forms of networks anew, from clips of people: docs/tracking-8-bits.md (ARGS="one.mp4 --others another.mp4")
	@scripts/python_env.sh run
	@test -x $(QUANTISE) || .tools/uv/bin/uv venv --quiet --python $(PY) .tools/quantise
	@.tools/uv/bin/uv pip sync --quiet --require-hashes --python $(QUANTISE) requirements.lock requirements-quantise.lock
	@.tools/uv/bin/uv pip install --quiet --offline --no-deps --python $(QUANTISE) --editable .
	$(QUANTISE) -m scripts.quantise $(ARGS)

bench: setup ## Measure this machine: the table and the plots of bench/ (ARGS="--help")
	@scripts/python_env.sh dev
	$(PY) -m bench.run $(ARGS)

bench-capacity: setup ## Sessions on a core, overload and a flood of requests: docs/reliability/capacity.md (ARGS="--rounds 5 ...")
	@scripts/python_env.sh dev
	$(PY) -m bench.capacity $(ARGS)

test-faults: setup ## Faults of the machine and of our own, for minutes: docs/reliability/faults.md (ARGS="-k name ..." for pytest)
	@scripts/python_env.sh dev
	unset PYTHONDONTWRITEBYTECODE; $(PY) -m pytest tests/long/faults $(ARGS)

test-networks: setup ## Loss, delay, little bandwidth, pauses, changes of address, no UDP: docs/reliability/networks.md
	@scripts/python_env.sh dev
	unset PYTHONDONTWRITEBYTECODE; $(PY) -m pytest -s tests/long/test_networks_of_programs.py tests/long/test_networks.py $(ARGS)

RAY := .tools/ray/bin/python
test-ray: setup ## mocast process --engine ray: two machines, one of which is lost half-way (docs/files.md)
	@scripts/python_env.sh dev
	@test -x $(RAY) || .tools/uv/bin/uv venv --quiet --python $(PY) .tools/ray
	@.tools/uv/bin/uv pip sync --quiet --require-hashes --python $(RAY) requirements-dev.lock requirements-ray.lock
	@.tools/uv/bin/uv pip install --quiet --offline --no-deps --python $(RAY) --editable .
	$(RAY) -m pytest -s tests/long/test_ray.py $(ARGS)

MINUTES ?= 60
soak: setup ## MINUTES=60 at full load: do delay, frame rate and memory stay flat? (ARGS="--sessions 2 ...")
	@scripts/python_env.sh dev
	$(PY) -m bench.soak --minutes $(MINUTES) $(ARGS)

lock: ## Re-make the locks from pyproject.toml (ARGS=--upgrade for the newest versions)
	@scripts/python_env.sh run
	$(COMPILE) --extra mediapipe --extra redis -o requirements.lock
	$(COMPILE) --extra mediapipe --extra redis --group dev -c requirements.lock -o requirements-dev.lock
	$(COMPILE) --extra mediapipe --extra redis --extra ray -c requirements-dev.lock -o requirements-ray.lock
	$(subst pyproject.toml,,$(COMPILE)) --group audit -o requirements-audit.lock
	$(subst pyproject.toml,,$(COMPILE)) --group quantise -c requirements.lock -o requirements-quantise.lock
	$(subst pyproject.toml,,$(COMPILE)) --group kubernetes -o requirements-kubernetes.lock

audit: ## Look every locked package up among the known vulnerabilities (ARGS="--osv FOLDER": offline)
	@scripts/python_env.sh run
	@test -x .tools/audit/bin/python || .tools/uv/bin/uv venv --quiet --python .venv/bin/python .tools/audit
	@.tools/uv/bin/uv pip sync --quiet --require-hashes --python .tools/audit/bin/python requirements-audit.lock
	@.tools/audit/bin/python -m scripts.audit $(ARGS)

images: ## Write the images of deploy/images.env where they are used (ARGS=--renew: digests of today; ARGS=--check)
	@scripts/python_env.sh run
	$(PY) -m scripts.images $(ARGS)

wheel: setup ## Build dist/: a wheel with the page and the networks inside, and the archive of sources it can be built from
	@$(PY) -m scripts.networks
	.tools/uv/bin/uv build --quiet --clear --python $(PY)

clean: ## Remove all that the other targets made
	rm -rf .venv .tools web/node_modules server/mocast/web server/mocast/tracking/networks server/mocast/tracking/face_shapes $(HEAVY) scripts/heavy/node_modules bench/kalidokit/node_modules dist build bench/out tests/e2e/out
	rm -rf web/packages/client/build web/packages/client/dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
