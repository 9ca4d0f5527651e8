# yore_library(<folder> SOURCES a.cc.. [DEPS yore::x..] [PRIVATE_DEPS ..] [TORCH|PLAIN] [LEVEL 1])
#   One folder = one namespace = one static library yore_<folder>, exported as yore::<folder>. PLAIN: uses neither fmt nor
#   nlohmann_json, and so no precompiled header; its files, which Highway compiles once a SIMD target, are not united
#   and keep -O3. LEVEL 1: -O1 instead of -O2, for what reads, writes and describes but never computes for long.
# yore_test(<name> SOURCES a_test.cc.. DEPS .. [LABELS ..] [TIMEOUT s] [GROUPS g..])
#   One GoogleTest program; its cases are registered one by one with CTest. With GROUPS, for programs of many hundred short
#   cases that share what they compute: one entry <name>.<g> for the cases whose parameter begins with "<g>__", and
#   <name>.rest for the others.

# Eight files of a target compile as one, which reads the headers they share and instantiates the templates they share once.
# A changed file compiles its seven neighbours as well. So what a file keeps to itself, in unnamed namespaces, has a name
# that no other file of its target uses.
set(CMAKE_UNITY_BUILD ${YORE_UNITY})
set(CMAKE_UNITY_BUILD_BATCH_SIZE 8)

# GCC 13 and later refuse a precompiled header made with -O3 at -O1, for two switches of x86 that -O2 and -O3 turn on.
include(CheckCXXCompilerFlag)
check_cxx_compiler_flag("-munroll-only-small-loops -mvzeroupper" YORE_HAS_SWITCHES_OF_O3)

# yore_optimise(<target> <level>): -O<level> in Release instead of CMake's -O3, which takes a quarter more time to compile
# than -O2 and twice that of -O1 for code that mostly calls other code.
function(yore_optimise target level)
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O${level}>)
  if(YORE_HAS_SWITCHES_OF_O3)
    target_compile_options(${target} PRIVATE -munroll-only-small-loops -mvzeroupper)
  endif()
  set_target_properties(${target} PROPERTIES YORE_LEVEL ${level})
endfunction()

add_library(yore_warnings INTERFACE)
target_compile_options(yore_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough
  -Wformat=2 $<$<BOOL:${YORE_WERROR}>:-Werror>)
# GCC's flow analysis reports null dereferences inside the standard library once sanitizers rewrite the code, and at -O1,
# where it knows too little of what was not inlined.
if(NOT YORE_SANITIZE)
  target_compile_options(yore_warnings INTERFACE $<$<NOT:$<STREQUAL:$<TARGET_PROPERTY:YORE_LEVEL>,1>>:-Wnull-dereference>)
else()
  target_compile_options(yore_warnings INTERFACE
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
endif()
if(YORE_TSAN)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "YORE_TSAN=ON needs clang: GCC's OpenMP hides its locks from ThreadSanitizer, got ${CMAKE_CXX_COMPILER_ID}")
  endif()
  add_compile_options(-fsanitize=thread -fno-omit-frame-pointer)
  # One SIMD target is enough: all share the code that runs threads, and a build of each would take an hour.
  add_compile_definitions(HWY_COMPILE_ONLY_SCALAR)
  add_link_options(-fsanitize=thread)
endif()

function(yore_library folder)
  cmake_parse_arguments(ARG "TORCH;PLAIN" "LEVEL" "SOURCES;DEPS;PRIVATE_DEPS" ${ARGN})
  set(target yore_${folder})
  add_library(${target} STATIC ${ARG_SOURCES})
  add_library(yore::${folder} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${folder})
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_include_directories(${target} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_link_libraries(${target} PUBLIC ${ARG_DEPS} PRIVATE $<BUILD_INTERFACE:yore_warnings> ${ARG_PRIVATE_DEPS})
  if(ARG_TORCH)
    yore_use_torch(${target})
  elseif(ARG_PLAIN)
    set_target_properties(${target} PROPERTIES UNITY_BUILD OFF)
  else()
    yore_use_header(${target} std)
  endif()
  if(ARG_LEVEL)
    yore_optimise(${target} ${ARG_LEVEL})
  elseif(NOT ARG_PLAIN)
    yore_optimise(${target} 2)
  endif()
  set_property(GLOBAL APPEND PROPERTY YORE_LIBRARIES ${target})
endfunction()

# yore_use_header(<target> std|test|torch): compiles the target with the precompiled cmake/pch_<name>.h. Headers cost more than
# the code that includes them (torch's half a minute a file, GoogleTest's and fmt's a second each), so each is compiled
# once and shared. What the copy was compiled with (fmt's and torch's definitions) must hold for each user of it, so all
# of them link the same libraries.
set(yore_header_std fmt::fmt nlohmann_json::nlohmann_json)
set(yore_header_test ${yore_header_std} GTest::gtest)
set(yore_header_torch ${yore_header_std} torch)
function(yore_use_header target name)
  target_link_libraries(${target} PUBLIC ${yore_header_${name}})
  # Clang refuses a copy made with other options than its user's, such as a fuzzer's coverage.
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND NOT name STREQUAL "torch")
    return()
  endif()
  if(NOT TARGET yore_${name}_pch)
    file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/${name}_pch.cc CONTENT "// carries the precompiled header\n")
    add_library(yore_${name}_pch STATIC ${PROJECT_BINARY_DIR}/${name}_pch.cc)
    target_link_libraries(yore_${name}_pch PUBLIC ${yore_header_${name}} PRIVATE yore_warnings)
    target_precompile_headers(yore_${name}_pch PRIVATE ${PROJECT_SOURCE_DIR}/cmake/pch_${name}.h)
  endif()
  target_precompile_headers(${target} REUSE_FROM yore_${name}_pch)
  yore_compile_as_library(${target})
endfunction()

# CMake compiles programs with -fPIE, for which a header precompiled with -fPIC is refused.
function(yore_compile_as_library target)
  get_target_property(type ${target} TYPE)
  if(type STREQUAL "EXECUTABLE")
    set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
    target_compile_options(${target} PRIVATE -fPIC)
  endif()
endfunction()

# What includes torch. GCC 14 sees its Function::apply reserve a vector<bool> and takes the copy of nothing for one too long, by one name
# at -O2 and by another at -O1.
function(yore_use_torch target)
  yore_use_header(${target} torch)
  target_compile_options(${target} PRIVATE "$<$<CXX_COMPILER_ID:GNU>:-Wno-array-bounds;-Wno-stringop-overflow>")
endfunction()

function(yore_test name)
  if(NOT YORE_TESTS)
    return()
  endif()
  cmake_parse_arguments(ARG "TORCH" "TIMEOUT" "SOURCES;DEPS;LABELS;GROUPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} yore_warnings GTest::gtest GTest::gtest_main)
  if(ARG_TORCH)
    yore_use_torch(${name})
  else()
    yore_use_header(${name} test)
  endif()
  yore_optimise(${name} 1)  # for one short run
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  if(ARG_GROUPS)
    set(rest "-")
    set(entries "")
    foreach(group IN LISTS ARG_GROUPS)
      add_test(NAME ${name}.${group} COMMAND ${name} "--gtest_filter=*/${group}__*")
      string(APPEND rest "*/${group}__*:")
      list(APPEND entries ${name}.${group})
    endforeach()
    add_test(NAME ${name}.rest COMMAND ${name} --gtest_filter=${rest})
    set_tests_properties(${entries} ${name}.rest PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}")
    return()
  endif()
  include(GoogleTest)
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60
    PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}"
    )
endfunction()

# yore_gather(<sources> <tests> <folder>..): the *_test.cc of these folders into the variable <tests>, their other .cc into
# <sources>, both appended; a new file is found by the next build.
function(yore_gather out_sources out_tests)
  foreach(folder IN LISTS ARGN)
    file(GLOB all RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} CONFIGURE_DEPENDS ${folder}/*.cc)
    foreach(file IN LISTS all)
      if(file MATCHES "_test\\.cc$")
        list(APPEND ${out_tests} ${file})
      else()
        list(APPEND ${out_sources} ${file})
      endif()
    endforeach()
  endforeach()
  set(${out_sources} ${${out_sources}} PARENT_SCOPE)
  set(${out_tests} ${${out_tests}} PARENT_SCOPE)
endfunction()
