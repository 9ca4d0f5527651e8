# Installs the build into a fresh prefix, builds the stranger's project against it, runs what came out, and runs the installed yore.
# Then the kernels alone into another prefix, with the examples for C and C++, and the installed Python package.
function(step)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE out ERROR_VARIABLE out)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "failed: ${ARGN}\n${out}")
  endif()
  set(out "${out}" PARENT_SCOPE)
endfunction()

# step(...), and what it prints must match.
function(step_prints pattern)
  step(${ARGN})
  if(NOT out MATCHES "${pattern}")
    message(FATAL_ERROR "${ARGN}\nexpected to print ${pattern}, got\n${out}")
  endif()
endfunction()

# Builds one source with what the package's .pc file says, as a Makefile would.
function(pkg_config_program compiler prefix package source program)
  set(ENV{PKG_CONFIG_PATH} ${prefix}/lib/pkgconfig)
  step(${PKG_CONFIG} --cflags ${package})
  separate_arguments(cflags UNIX_COMMAND "${out}")
  step(${PKG_CONFIG} --libs ${package})
  separate_arguments(libs UNIX_COMMAND "${out}")
  set(sanitizers "")
  if(SANITIZE)
    set(sanitizers -fsanitize=address,undefined)
  endif()
  step(${compiler} ${ARGN} ${sanitizers} ${cflags} ${source} -o ${program} ${libs})
endfunction()

file(REMOVE_RECURSE ${WORK})
step(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/prefix)
set(flags "")
set(c_flags "")
if(SANITIZE)
  set(c_flags "-DCMAKE_C_FLAGS=-fsanitize=address,undefined")
  set(flags "-DCMAKE_CXX_FLAGS=-fsanitize=address,undefined")
endif()
step(${CMAKE_COMMAND} -S ${SOURCE} -B ${WORK}/build -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_COMPILER=${CXX}
  -DCMAKE_PREFIX_PATH=${WORK}/prefix ${flags})
step(${CMAKE_COMMAND} --build ${WORK}/build)
step(${WORK}/prefix/bin/yore --version)
step_prints("^${out}" ${WORK}/build/decide)
step(${WORK}/prefix/bin/yore classify "(ab)*" --is hybrid)
step(${WORK}/prefix/bin/yore train --help)
# The same by the other compiler, whose C++ library is the same one.
find_program(CLANG clang++)
if(CLANG AND NOT SANITIZE)
  step(${CMAKE_COMMAND} -S ${SOURCE} -B ${WORK}/clang -G Ninja -DCMAKE_CXX_COMPILER=${CLANG} -DCOMPONENTS=COMPONENTS\;theory
    -DCMAKE_PREFIX_PATH=${WORK}/prefix)
  step(${CMAKE_COMMAND} --build ${WORK}/clang)
  step(${WORK}/clang/decide)
endif()
# What was installed for readers.
find_program(HELP2MAN help2man)
if(HELP2MAN)
  file(GLOB manuals ${WORK}/prefix/share/man/man1/yore*.1.gz)
  list(LENGTH manuals count)
  execute_process(COMMAND ${WORK}/prefix/bin/yore --help OUTPUT_VARIABLE help)
  string(REGEX MATCHALL "\n  [a-z]+ " commands "${help}")
  list(LENGTH commands expected)
  math(EXPR expected "${expected} + 1")  # the program's own
  if(NOT count EQUAL expected)
    message(FATAL_ERROR "expected ${expected} manual pages, one a command and one for all, got ${manuals}")
  endif()
  step_prints("TH YORE-CLASSIFY .*\\\\-\\\\-is" zcat ${WORK}/prefix/share/man/man1/yore-classify.1.gz)
endif()
step_prints("^classify\n$" ${SOURCE}/completion ${WORK}/prefix)

if(KERNELS)
  step(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/kernels --component kernels)
  step(${CMAKE_COMMAND} -S ${EXAMPLES} -B ${WORK}/examples -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_COMPILER=${CXX}
    -DCMAKE_PREFIX_PATH=${WORK}/kernels "-DCMAKE_C_FLAGS=-std=c99 -pedantic-errors -Wall -Wextra -Werror" ${flags}
    -DCMAKE_DISABLE_FIND_PACKAGE_Torch=ON)
  step(${CMAKE_COMMAND} --build ${WORK}/examples)
  set(averages "position 0: local 0.0, global 0.0\n.*position 5: local 4.5, global 2.5\n")
  step_prints("${averages}yore_attention_forward: kv_heads: expected a divisor of heads, 2, got 3\n$"
    ${WORK}/examples/attention_c)
  step_prints("${averages}by [A-Z]+" ${WORK}/examples/attention_cc)
  foreach(program attention_c attention_cc)
    step_prints("libhwy" ldd ${WORK}/examples/${program})
    if(out MATCHES "torch|libc10")
      message(FATAL_ERROR "${program} loads torch:\n${out}")
    endif()
  endforeach()
  # The page's example as a project of its own, with theory and kernels.
  step(${CMAKE_COMMAND} -S ${EXAMPLES}/masked_self_attention -B ${WORK}/masked_self_attention -G Ninja
    -DCMAKE_CXX_COMPILER=${CXX} -DCMAKE_PREFIX_PATH=${WORK}/prefix ${flags} -DCMAKE_DISABLE_FIND_PACKAGE_Torch=ON)
  step(${CMAKE_COMMAND} --build ${WORK}/masked_self_attention)
  # A project of C alone, and no project at all: what pkg-config says is enough for either compiler.
  step(${CMAKE_COMMAND} -S ${SOURCE}/only_c -B ${WORK}/only_c -G Ninja -DCMAKE_BUILD_TYPE=Release
    -DCMAKE_PREFIX_PATH=${WORK}/kernels -DEXAMPLES=${EXAMPLES} ${c_flags})
  step(${CMAKE_COMMAND} --build ${WORK}/only_c)
  step_prints("${averages}yore_attention_forward: " ${WORK}/only_c/attention_c)
  find_program(PKG_CONFIG pkg-config)
  if(PKG_CONFIG)
    pkg_config_program(cc ${WORK}/kernels yore-kernels ${EXAMPLES}/attention.c ${WORK}/pc_c -std=c99)
    step_prints("${averages}yore_attention_forward: " ${WORK}/pc_c)
    pkg_config_program(${CXX} ${WORK}/kernels yore-kernels ${EXAMPLES}/attention.cc ${WORK}/pc_cc -std=c++20)
    step_prints("${averages}by [A-Z]+" ${WORK}/pc_cc)
    pkg_config_program(${CXX} ${WORK}/prefix yore-theory ${SOURCE}/decide.cc ${WORK}/pc_decide -std=c++20)
    step(${WORK}/pc_decide)
  else()
    message(STATUS "no pkg-config here: yore-kernels.pc and yore-theory.pc are not tried")
  endif()
  # The shared library, which the whole installation has.
  foreach(language IN ITEMS C CXX)
    step(${CMAKE_COMMAND} -S ${SOURCE}/shared -B ${WORK}/shared_${language} -G Ninja -DCMAKE_PREFIX_PATH=${WORK}/prefix
      -DEXAMPLES=${EXAMPLES} -DLANGUAGE=${language} -DCMAKE_CXX_COMPILER=${CXX} ${flags} ${c_flags})
    step(${CMAKE_COMMAND} --build ${WORK}/shared_${language})
    step_prints("${averages}" ${WORK}/shared_${language}/attention)
    step_prints("libyore-kernels\\.so\\.[0-9.]+ => ${WORK}/prefix" ldd ${WORK}/shared_${language}/attention)
  endforeach()
  # Every header of that prefix can be read with nothing but it and Highway: none needs torch or another component.
  file(GLOB_RECURSE headers RELATIVE ${WORK}/kernels/include ${WORK}/kernels/include/*.h)
  set(lines "")
  foreach(header IN LISTS headers)
    if(header MATCHES "conformance|test|layer|spec")
      message(FATAL_ERROR "${header} is installed with the kernels")
    endif()
    string(APPEND lines "#include \"${header}\"\n")
  endforeach()
  file(WRITE ${WORK}/headers.cc "${lines}")
  step(${CXX} -std=c++20 -fsyntax-only -I${WORK}/kernels/include ${WORK}/headers.cc)
  # The theory half is not in that prefix, and asking for it says so.
  execute_process(COMMAND ${CMAKE_COMMAND} -S ${SOURCE} -B ${WORK}/absent -G Ninja -DCMAKE_CXX_COMPILER=${CXX}
    -Dyore_DIR=${WORK}/kernels/lib/cmake/yore -DCOMPONENTS=theory RESULT_VARIABLE result OUTPUT_VARIABLE out ERROR_VARIABLE out)
  if(result EQUAL 0 OR NOT out MATCHES "missing: theory")
    message(FATAL_ERROR "expected a refusal that names what is missing, theory, got\n${out}")
  endif()
endif()

# A sanitized library cannot be loaded by a Python that is not.
if(TENSOR AND NOT SANITIZE)
  execute_process(COMMAND ${PYTHON} -c "import torch" RESULT_VARIABLE result OUTPUT_QUIET ERROR_QUIET)
  if(result EQUAL 0)
    step_prints("${WORK}/prefix/${PYTHON_DIR}/yore/__init__.py kernel" ${CMAKE_COMMAND} -E env
      --unset=YORE_LIBRARY PYTHONPATH=${WORK}/prefix/${PYTHON_DIR} ${PYTHON} -B -c "import yore\nprint(yore.__file__, yore.backend())")
  endif()
endif()
