# The front door. Every target does its own set-up; the real build is the CMake presets.
#   YORE_INSTALL=0 make ...   never install packages
#   PACKAGE="-D.."            options of CMake for make package, such as -DYORE_TENSOR=OFF -DYORE_KERNELS=ON
#   JOBS=n                    parallel compile jobs (default: the number of cores)
JOBS ?= $(shell nproc)
BUILD := build/release
DEMO ?= runs/demo

# Where tests and benchmark look for ONNX Runtime.
ONNXRUNTIME := build/onnxruntime
# And where slow tests and benchmark look for llama.cpp.
LLAMA := build/llama

PLAYGROUND := build/playground/yore.html

.PHONY: all demo playground test test-slow judges check tsan bench lint format fuzz install package docs clean setup

all: $(BUILD)/build.ninja
	cmake --build --preset release -j $(JOBS)

setup:
	@scripts/setup

$(BUILD)/build.ninja: | setup
	cmake --preset release

demo:              ## study (ab)*: verdict, nine training runs, a report; builds only the two programs
	@JOBS=$(JOBS) scripts/demo $(DEMO)

playground:        ## a page for browsers, one file: verdicts, drawings and compiled transformers; no server, nothing fetched
	@JOBS=$(JOBS) scripts/playground $(PLAYGROUND)

test: all          ## every test but the slow ones
	@scripts/onnxruntime $(ONNXRUNTIME)
	ctest --preset release

test-slow: all     ## the slow ones
	ctest --preset slow

judges: | setup    ## other programs that some tests ask (PyTorch 2, llama.cpp and others, 1.4 GB); without them those are skipped
	@scripts/judges build/judges
	@scripts/llama $(LLAMA)

check: | setup     ## the tests under AddressSanitizer and UndefinedBehaviorSanitizer
	cmake --preset dev
	cmake --build --preset dev -j $(JOBS)
	@scripts/onnxruntime $(ONNXRUNTIME)
	ctest --preset dev

bench: | setup     ## time attention, training steps and language models beside the machine's ceilings and other programs
	@scripts/setup bench
	cmake --preset release -DYORE_BENCH=ON
	cmake --build --preset release -j $(JOBS) --target yore_bench_attention
	@scripts/onnxruntime $(ONNXRUNTIME)
	@scripts/llama $(LLAMA)
	$(BUILD)/bench/attention --json bench.json

tsan: | setup      ## the kernels' and the inspection's tests under ThreadSanitizer
	@scripts/setup lint
	JOBS=$(JOBS) scripts/tsan

lint: | setup      ## formatting and clang-tidy, nothing changed
	@scripts/setup lint
	scripts/lint

format:            ## reformat in place
	@scripts/setup lint
	git ls-files '*.h' '*.cc' '*.c' | xargs clang-format -i

fuzz: | setup      ## 60 s a fuzzer: the parsers, model and tokenizer files, the states of the mechanisms
	@scripts/setup lint
	cmake --preset fuzz
	cmake --build --preset fuzz -j $(JOBS)
	scripts/fuzz 60

install: all       ## PREFIX=/usr/local
	cmake --install $(BUILD) --prefix $(or $(PREFIX),/usr/local)

package:           ## .deb files of this distribution and a tar.gz, in build/package/packages
	@scripts/setup $(if $(findstring YORE_TENSOR=OFF,$(PACKAGE)),package-theory,package)
	cmake --preset package $(PACKAGE)
	cmake --build --preset package -j $(JOBS)
	cpack --config build/package/CPackConfig.cmake

docs:              ## these documents and the C++ reference as a site, in build/docs/site; links are checked
	@scripts/setup docs
	scripts/docs build/docs

clean:
	rm -rf build
