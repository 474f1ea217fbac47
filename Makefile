# The two commands that matter are `make demo` and `make check`; the rest are their parts.
# Everything that is made stands under build/ (and demo/, the demo's own).

JOBS ?= $(shell nproc)
VENV := build/venv
PYTHON := $(VENV)/bin/python
CTEST := ctest --output-on-failure --no-tests=error -j $(JOBS)

.PHONY: all build demo check check-long check-spark bench coverage format install clean \
	packages-demo packages-check house dev tsan fuzz interop venv

all: build

packages-demo:
	@tools/packages install demo

packages-check:
	@tools/packages install check

build:
	@cmake --preset release > build-release.log 2>&1 || { cat build-release.log; exit 1; }
	@rm -f build-release.log
	@cmake --build --preset release -j $(JOBS) -- --quiet

venv:
	@tools/venv $(VENV)

demo: packages-demo build venv
	@tools/demo

# Each part is one ctest run, or says by itself that it passed; the last lines are ctest's.
check: packages-check
	@tools/check-all

house:
	@tools/check

dev:
	@cmake --preset dev > /dev/null
	@cmake --build --preset dev -j $(JOBS) -- --quiet
	@$(CTEST) --test-dir build/dev -LE interop

tsan:
	@cmake --preset tsan > /dev/null
	@cmake --build --preset tsan -j $(JOBS) -- --quiet
	@$(CTEST) --test-dir build/tsan -L threads

# Each target for FUZZ_SECONDS, from its corpus.
FUZZ_SECONDS ?= 12
fuzz:
	@cmake --preset fuzz > /dev/null
	@cmake --build --preset fuzz -j $(JOBS) -- --quiet
	@tools/fuzz build/fuzz $(FUZZ_SECONDS) $(JOBS)

interop: build venv
	@$(CTEST) --test-dir build/release -L interop

check-spark: build venv
	@tools/packages install spark
	@tools/check-spark

check-long:
	@JOIST_LONG=1 tools/check-all
	@tools/check-foreign s390x
	@tools/check-foreign arm64
	@$(MAKE) fuzz FUZZ_SECONDS=600

bench: packages-demo build venv
	@$(PYTHON) bench/run.py

coverage:
	@cmake --preset coverage > /dev/null
	@cmake --build --preset coverage -j $(JOBS) -- --quiet
	@tools/coverage build/coverage

format:
	@clang-format-14 -i $$(git ls-files '*.c' '*.h')

install: build
	@cmake --install build/release

clean:
	rm -rf build demo
