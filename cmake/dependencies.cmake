# Every outside library yore builds on, and nothing else. docs: CONTRIBUTING.md, "Dependencies".
find_package(Threads REQUIRED)
find_package(fmt 9 REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(CLI11 2.1 REQUIRED)

# GMP ships no CMake package; exact word counts need integers of thousands of bits.
find_library(YORE_GMP_LIBRARY gmp REQUIRED)
find_library(YORE_GMPXX_LIBRARY gmpxx REQUIRED)
find_path(YORE_GMP_INCLUDE gmpxx.h REQUIRED)
add_library(yore_gmp INTERFACE)
target_include_directories(yore_gmp SYSTEM INTERFACE $<BUILD_INTERFACE:${YORE_GMP_INCLUDE}>)
target_link_libraries(yore_gmp INTERFACE gmpxx gmp)

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
