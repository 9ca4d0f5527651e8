# Libraries, headers, and a package so that find_package(yore) works elsewhere (component development, if none is named). Install component `kernels`
# (cmake --install <build> --component kernels) is the kernels for C and C++ alone.
include(CMakePackageConfigHelpers)
include(cmake/pkg_config.cmake)
set(yore_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/yore)

get_property(yore_libraries GLOBAL PROPERTY YORE_LIBRARIES)
if(YORE_KERNELS)
  set(yore_kernel_libraries yore_kernels yore_mixer_kernels)
  list(REMOVE_ITEM yore_libraries ${yore_kernel_libraries})
  install(TARGETS ${yore_kernel_libraries} EXPORT yoreKernelsTargets
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT kernels)
  install(EXPORT yoreKernelsTargets NAMESPACE yore:: DESTINATION ${yore_package_dir} COMPONENT kernels)
  install(FILES yore/kernels/targets.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/yore/kernels COMPONENT kernels)
  # Of the mechanisms only the kernels' own headers, which include neither torch nor each other's halves:
  # yore/mixers/mechanism.cmake tells them by their names.
  get_property(yore_kernel_headers GLOBAL PROPERTY YORE_KERNEL_HEADERS)
  foreach(header IN LISTS yore_kernel_headers)
    get_filename_component(folder ${header} DIRECTORY)
    install(FILES ${header} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/${folder} COMPONENT kernels)
    if(EXISTS ${PROJECT_SOURCE_DIR}/${folder}/math.md)  # which they cite
      install(FILES ${folder}/math.md DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/${folder} COMPONENT kernels)
    endif()
  endforeach()
  include(cmake/shared_kernels.cmake)
  yore_pkg_config(yore-kernels kernels "Attention over the past, for C and C++" "" ${yore_kernel_libraries})
endif()
install(TARGETS ${yore_libraries} yore_gmp yore_lzma yore_unicode yore_onnx_proto EXPORT yoreTargets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
list(TRANSFORM yore_libraries REPLACE "^yore_(selection|mixers|mixer_layers|model|training|inspection|anatomy|budget)$" "" OUTPUT_VARIABLE theory)
list(REMOVE_ITEM theory "")
yore_pkg_config(yore-theory development "Attention over the past: languages, automata, formulas, models on disk"
  "fmt nlohmann_json" ${theory})
install(DIRECTORY yore/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/yore FILES_MATCHING PATTERN "*.h" PATTERN "math.md"
  PATTERN "cli" EXCLUDE PATTERN "conformance" EXCLUDE PATTERN "*-inl.h" EXCLUDE REGEX "test|stand_in|random_languages|plain_model" EXCLUDE)
install(EXPORT yoreTargets NAMESPACE yore:: DESTINATION ${yore_package_dir})

configure_package_config_file(cmake/yoreConfig.cmake.in ${PROJECT_BINARY_DIR}/yoreConfig.cmake
  INSTALL_DESTINATION ${yore_package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/yoreConfigVersion.cmake COMPATIBILITY SameMinorVersion)
foreach(component kernels development)  # part of the kernels alone as well as of the rest alone
  install(FILES ${PROJECT_BINARY_DIR}/yoreConfig.cmake ${PROJECT_BINARY_DIR}/yoreConfigVersion.cmake
    DESTINATION ${yore_package_dir} COMPONENT ${component})
  install(FILES ${PROJECT_BINARY_DIR}/generated/yore/version.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/yore
    COMPONENT ${component})
endforeach()
