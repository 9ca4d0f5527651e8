# Libraries, headers, programs, and a package so that find_package(yore) works elsewhere.
include(CMakePackageConfigHelpers)

get_property(yore_libraries GLOBAL PROPERTY YORE_LIBRARIES)
install(TARGETS ${yore_libraries} yore_gmp EXPORT yoreTargets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY yore/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/yore FILES_MATCHING PATTERN "*.h"
  PATTERN "cli" EXCLUDE REGEX "test|stand_in|random_languages" EXCLUDE)
install(EXPORT yoreTargets NAMESPACE yore:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/yore)

configure_package_config_file(cmake/yoreConfig.cmake.in ${PROJECT_BINARY_DIR}/yoreConfig.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/yore)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/yoreConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/yoreConfig.cmake ${PROJECT_BINARY_DIR}/yoreConfigVersion.cmake
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/yore)
