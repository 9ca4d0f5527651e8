# yore_mechanism(<folder>)
#   Takes in a mechanism: the folder's files are gathered by their names, and CMakeLists.txt makes libraries, registries,
#   tests and install rules from what all folders gave. A file has the role of its stem (a header that of its .cc):
#
#     stem                                         role      goes into
#     spec graph options kinds table *_spec        SPEC      yore_mixer_specs: neither torch nor SIMD
#     layer layer_*                                LAYER     yore_mixer_layers: the mechanism as a model's layer
#     <folder> module composition checks *_torch   TORCH     yore_mixers: the mechanism on torch tensors
#     cases                                        CASES     the registry of the kernel conformance suite and the fuzzer
#     layer_cases                                  LAYER_CASES  that of the layers' suite (torch-free too)
#     anything else                                KERNEL    yore_mixer_kernels: no torch; headers are installed with it
#
#   <stem>_test.cc has the role of <stem> and goes into the program mechanism_spec_test, mechanism_kernel_test,
#   mechanism_torch_test or mechanism_layer_test, which each hold those of all mechanisms. *test* headers are for the tests, *-inl.h are compiled into a kernel and stay here.
#
#   Six files must be there, each defining one function:
#     spec.cc          const Spec& <folder>_spec()                             spec.h
#     graph.cc         std::string <folder>_graph(LayerGraph&, const std::string& x)   graph.h
#     layer.cc         std::unique_ptr<Mixer> make_<folder>(const MixerSetting&)   mixer.h
#     cases.cc         std::vector<std::unique_ptr<conformance::Mechanism>> <folder>_cases()   conformance/mechanism.h
#     layer_cases.cc   conformance::LayerCases <folder>_layer_cases()          conformance/layer_cases.h
#     math.md          what it computes, with its derivatives

# The role of a file of the folder, "" for one that no target takes.
function(yore_mechanism_role out folder file)
  get_filename_component(stem ${file} NAME_WE)
  string(REGEX REPLACE "_test$" "" stem ${stem})
  if(file MATCHES "-inl\\.h$" OR (file MATCHES "\\.h$" AND file MATCHES "test"))
    set(role "")
  elseif(stem STREQUAL cases)
    set(role CASES)
  elseif(stem STREQUAL layer_cases)
    set(role LAYER_CASES)
  elseif(stem MATCHES "^(spec|graph|options|kinds|table|.*_spec)$")
    set(role SPEC)
  elseif(stem MATCHES "^layer(_.*)?$")
    set(role LAYER)
  elseif(stem MATCHES "^(${folder}|module|composition|checks|.*_torch)$")
    set(role TORCH)
  else()
    set(role KERNEL)
  endif()
  set(${out} "${role}" PARENT_SCOPE)
endfunction()

# Appends to directory properties: YORE_MECHANISMS (the folders), YORE_<role> (sources), YORE_<role>_TESTS; and to
# the global property YORE_KERNEL_HEADERS (paths from the project's root), which cmake/install.cmake reads.
function(yore_mechanism folder)
  foreach(needed IN ITEMS spec.cc graph.cc layer.cc cases.cc layer_cases.cc math.md)
    if(NOT EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/${needed})
      message(FATAL_ERROR "mechanism ${folder}: expected ${folder}/${needed} (${CMAKE_CURRENT_FUNCTION_LIST_FILE})")
    endif()
  endforeach()
  set_property(DIRECTORY APPEND PROPERTY YORE_MECHANISMS ${folder})
  file(GLOB files CONFIGURE_DEPENDS RELATIVE ${CMAKE_CURRENT_SOURCE_DIR}/${folder}
    ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.cc ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.h)
  foreach(file IN LISTS files)
    yore_mechanism_role(role ${folder} ${file})
    if(file MATCHES "_test\\.cc$")
      set_property(DIRECTORY APPEND PROPERTY YORE_${role}_TESTS ${folder}/${file})
    elseif(file MATCHES "\\.cc$")
      set_property(DIRECTORY APPEND PROPERTY YORE_${role} ${folder}/${file})
    elseif(role STREQUAL KERNEL)
      set_property(GLOBAL APPEND PROPERTY YORE_KERNEL_HEADERS yore/mixers/${folder}/${file})
    endif()
  endforeach()
endfunction()

# Writes mechanisms.inc into the build folder, a line YORE_MECHANISM(<folder>) for each: what the registries are made from
# (spec.cc, mixer.cc, conformance/registry.cc, conformance/layer_registry.cc).
function(yore_mechanism_list)
  get_property(folders DIRECTORY PROPERTY YORE_MECHANISMS)
  set(lines "// The mechanisms of yore/mixers/CMakeLists.txt, for whoever defines YORE_MECHANISM(name).\n")
  foreach(folder IN LISTS folders)
    string(APPEND lines "YORE_MECHANISM(${folder})\n")
  endforeach()
  file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/mechanisms.inc CONTENT "${lines}" @ONLY)
endfunction()
