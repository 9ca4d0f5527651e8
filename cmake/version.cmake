# The version stands in project(.. VERSION ..) of the main CMakeLists.txt, and nowhere else: from there it comes into
# "yore/version.h" (for targets that link yore_version), the CMake package, the .pc files, the shared library's name and
# the packages.
configure_file(cmake/version.h.in ${PROJECT_BINARY_DIR}/generated/yore/version.h @ONLY)
add_library(yore_version INTERFACE)
target_include_directories(yore_version INTERFACE $<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/generated>)
# While the major number is 0, another minor number may be another interface.
set(YORE_SOVERSION ${PROJECT_VERSION_MAJOR})
if(PROJECT_VERSION_MAJOR EQUAL 0)
  set(YORE_SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
endif()
