# yore_pkg_config(<name> <component> <description> <packages> <target>..): <name>.pc beside the installed libraries of
# these targets, the lowest given first. <packages> are other .pc files.

# The C++ library, which a program linked by a C compiler must name.
set(YORE_CXX_LIBRARY stdc++)
if("c++" IN_LIST CMAKE_CXX_IMPLICIT_LINK_LIBRARIES)
  set(YORE_CXX_LIBRARY c++)
endif()

function(yore_pkg_config name component description packages)
  set(libraries "")
  set(targets ${ARGN})
  list(REVERSE targets)  # given lowest first; a linker wants a static library before what it needs
  foreach(target IN LISTS targets)
    string(APPEND libraries " -l$<TARGET_FILE_BASE_NAME:${target}>")
  endforeach()
  if(component MATCHES "^(kernels|shared_development)$")
    set(outside "-lhwy")
    foreach(library IN LISTS OpenMP_CXX_LIB_NAMES)
      string(APPEND outside " -l${library}")
    endforeach()
  else()
    set(outside "-lonnx_proto -lprotobuf -lpcre2-8 -lutf8proc -lgmpxx -lgmp -llzma -lpthread")
  endif()
  # Not $<INSTALL_PREFIX>: pkg-config finds the prefix from where the file lies, which may be lib/x86_64-linux-gnu/pkgconfig.
  file(RELATIVE_PATH up /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
  string(REGEX REPLACE "/$" "" up "${up}")
  file(GENERATE OUTPUT ${PROJECT_BINARY_DIR}/${name}.pc CONTENT
"prefix=\${pcfiledir}/${up}
libdir=\${prefix}/${CMAKE_INSTALL_LIBDIR}
includedir=\${prefix}/${CMAKE_INSTALL_INCLUDEDIR}

Name: ${name}
Description: ${description}
Version: ${PROJECT_VERSION}
Requires: ${packages}
Cflags: -I\${includedir}
Libs: -L\${libdir}${libraries} ${outside} -l${YORE_CXX_LIBRARY} -lm
")
  install(FILES ${PROJECT_BINARY_DIR}/${name}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT ${component})
endfunction()
