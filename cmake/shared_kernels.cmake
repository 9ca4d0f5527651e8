# libyore-kernels.so: the kernels for C and C++ once more, as one shared library with a SONAME. Made of the static
# libraries, which are compiled as such a library's code is. Install components: shared (the library itself) and
# shared_development (what links it).
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/shared_kernels.cc CONTENT "// the code comes from static libraries\n")
add_library(yore_kernels_shared SHARED ${PROJECT_BINARY_DIR}/shared_kernels.cc)
target_link_libraries(yore_kernels_shared PRIVATE yore_mixer_kernels)
target_compile_features(yore_kernels_shared INTERFACE cxx_std_20)
target_include_directories(yore_kernels_shared INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
set_target_properties(yore_kernels_shared PROPERTIES
  LINK_LIBRARY_OVERRIDE WHOLE_ARCHIVE,yore_kernels,yore_mixer_kernels OUTPUT_NAME yore-kernels EXPORT_NAME kernels_shared
  VERSION ${PROJECT_VERSION} SOVERSION ${YORE_SOVERSION} UNITY_BUILD OFF)
install(TARGETS yore_kernels_shared EXPORT yoreSharedTargets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT shared NAMELINK_COMPONENT shared_development)
install(EXPORT yoreSharedTargets NAMESPACE yore:: DESTINATION ${yore_package_dir} COMPONENT shared_development)
yore_pkg_config(yore-kernels-shared shared_development "Attention over the past, for C and C++, as a shared library" ""
  yore_kernels_shared)
