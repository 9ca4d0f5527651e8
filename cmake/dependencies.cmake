# Every outside library yore builds on, and nothing else. docs: CONTRIBUTING.md, "Dependencies".
find_package(Threads REQUIRED)
find_package(fmt 9 REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(CLI11 2.1 REQUIRED)

# TOML configuration files. The header alone: Debian's CMake package links a shared library, which costs start-up time.
find_path(YORE_TOML_INCLUDE toml++/toml.h REQUIRED)
add_library(yore_toml INTERFACE)
target_include_directories(yore_toml SYSTEM INTERFACE ${YORE_TOML_INCLUDE})

# GMP ships no CMake package; exact word counts need integers of thousands of bits.
find_library(YORE_GMP_LIBRARY gmp REQUIRED)
find_library(YORE_GMPXX_LIBRARY gmpxx REQUIRED)
find_path(YORE_GMP_INCLUDE gmpxx.h REQUIRED)
add_library(yore_gmp INTERFACE)
target_include_directories(yore_gmp SYSTEM INTERFACE $<BUILD_INTERFACE:${YORE_GMP_INCLUDE}>)
target_link_libraries(yore_gmp INTERFACE gmpxx gmp)

# CRC-64, which liblzma computes with carry-less multiplications.
find_library(YORE_LZMA_LIBRARY lzma REQUIRED)
find_path(YORE_LZMA_INCLUDE lzma.h REQUIRED)
add_library(yore_lzma INTERFACE)
target_include_directories(yore_lzma SYSTEM INTERFACE $<BUILD_INTERFACE:${YORE_LZMA_INCLUDE}>)
target_link_libraries(yore_lzma INTERFACE lzma)

# Tokenizers: regular expressions over Unicode, and Unicode's normal forms. By plain library names, as an installed yore
# links them.
find_library(YORE_PCRE2_LIBRARY pcre2-8 REQUIRED)
find_path(YORE_PCRE2_INCLUDE pcre2.h REQUIRED)
find_library(YORE_UTF8PROC_LIBRARY utf8proc REQUIRED)
find_path(YORE_UTF8PROC_INCLUDE utf8proc.h REQUIRED)
add_library(yore_unicode INTERFACE)
target_include_directories(yore_unicode SYSTEM INTERFACE $<BUILD_INTERFACE:${YORE_PCRE2_INCLUDE}>
  $<BUILD_INTERFACE:${YORE_UTF8PROC_INCLUDE}>)
target_link_libraries(yore_unicode INTERFACE pcre2-8 utf8proc)

# ONNX's messages. By plain library names rather than ONNX's CMake package, so that an installed yore looks for neither it
# nor protobuf's.
find_library(YORE_ONNX_PROTO_LIBRARY onnx_proto REQUIRED)
find_library(YORE_PROTOBUF_LIBRARY protobuf REQUIRED)
find_path(YORE_ONNX_INCLUDE onnx/onnx_pb.h REQUIRED)
add_library(yore_onnx_proto INTERFACE)
target_include_directories(yore_onnx_proto SYSTEM INTERFACE $<BUILD_INTERFACE:${YORE_ONNX_INCLUDE}>)
target_compile_definitions(yore_onnx_proto INTERFACE ONNX_NAMESPACE=onnx ONNX_ML=1)  # as Debian built it
target_link_libraries(yore_onnx_proto INTERFACE onnx_proto protobuf)

if(YORE_KERNELS)
  find_package(hwy 1.0.3 REQUIRED)
  find_package(OpenMP REQUIRED COMPONENTS CXX)
endif()
if(YORE_TENSOR)
  # Torch's own package sets flags globally (CMAKE_CXX_FLAGS); keep ours apart from them.
  set(yore_saved_flags "${CMAKE_CXX_FLAGS}")
  find_package(Torch 1.13 REQUIRED)
  set(CMAKE_CXX_FLAGS "${yore_saved_flags}")
endif()

if(YORE_TESTS)
  find_package(GTest REQUIRED)
endif()

# Not built against: programs asked by tests and benchmark, which say so where they are missing.
set(YORE_ONNXRUNTIME ${PROJECT_SOURCE_DIR}/build/onnxruntime CACHE PATH
  "The folder in which scripts/onnxruntime installed ONNX Runtime")
set(YORE_LLAMA ${PROJECT_SOURCE_DIR}/build/llama CACHE PATH
  "The folder in which scripts/llama installed llama.cpp")
set(YORE_JUDGES ${PROJECT_SOURCE_DIR}/build/judges CACHE PATH
  "The Python environment in which scripts/judges installed other programs")
