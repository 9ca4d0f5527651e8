# yore_judged_test(<name> SCRIPT x_test.py [NEEDS torch fla..] [ARGS ..] [LABELS ..] [TIMEOUT s] [ENVIRONMENT A=b..])
#   A Python script as a CTest entry, run by the environment of scripts/judges (YORE_JUDGES, or the environment variable of
#   that name). Where that lacks one of the modules in NEEDS, the entry is skipped and says which. Exit 0 is a pass.
function(yore_judged_test name)
  if(NOT YORE_TESTS)
    return()
  endif()
  cmake_parse_arguments(ARG "" "SCRIPT;TIMEOUT" "NEEDS;ARGS;LABELS;ENVIRONMENT" ${ARGN})
  cmake_path(ABSOLUTE_PATH ARG_SCRIPT)
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  string(REPLACE ";" " " needs "${ARG_NEEDS}")
  add_test(NAME ${name}
    COMMAND ${PROJECT_SOURCE_DIR}/tests/judges/run ${YORE_JUDGES} "${needs}" ${ARG_SCRIPT} ${ARG_ARGS})
  set_tests_properties(${name} PROPERTIES LABELS "judges;${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT}
    SKIP_RETURN_CODE 77 ENVIRONMENT "${ARG_ENVIRONMENT}")
endfunction()
