# cpack: .deb files and one .tar.gz of an installation. Install components and the packages they go into:
#   runtime                          yore                 the program: theory, compiler, studies; manual pages, completion
#   tensor                           yore-tensor          what trains and runs models, with the distribution's libtorch; Python
#   shared                           libyore-kernelsX.Y   the kernels as a shared library, no torch
#   kernels, shared_development,     libyore-dev          headers, static libraries, CMake package, .pc files
#     development
# Names of packages and libraries that a .deb needs are found by dpkg-shlibdeps where it is made, so one made on Debian 12 is
# for Debian 12. Those of headers are the same in Debian 12, 13 and Ubuntu 24.04.
set(CPACK_PACKAGE_NAME yore)
set(CPACK_PACKAGE_VENDOR "The authors of yore")
set(CPACK_PACKAGE_CONTACT "The authors of yore <yore@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")  # CPack would put it before the first line of each package's own description
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR}/packages)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_GENERATOR DEB TGZ)
set(CPACK_ARCHIVE_COMPONENT_INSTALL OFF)

set(CPACK_COMPONENTS_ALL runtime development)
set(CPACK_COMPONENT_RUNTIME_GROUP runtime)
set(CPACK_COMPONENT_DEVELOPMENT_GROUP development)
if(YORE_KERNELS)
  list(APPEND CPACK_COMPONENTS_ALL shared kernels shared_development)
  set(CPACK_COMPONENT_SHARED_GROUP shared)
  set(CPACK_COMPONENT_KERNELS_GROUP development)
  set(CPACK_COMPONENT_SHARED_DEVELOPMENT_GROUP development)
endif()
if(YORE_TENSOR)
  list(APPEND CPACK_COMPONENTS_ALL tensor)
  set(CPACK_COMPONENT_TENSOR_GROUP tensor)
endif()

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING ONE_PER_GROUP)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
# "1~debian12": a package of the distribution's own would be newer.
set(yore_distribution "")
if(EXISTS /etc/os-release)
  file(STRINGS /etc/os-release yore_distribution REGEX "^(ID|VERSION_ID)=")
  list(TRANSFORM yore_distribution REPLACE "^[A-Z_]+=\"?([^\"]*)\"?$" "\\1")
  list(SORT yore_distribution ORDER DESCENDING)  # the name in front of the number
  string(REPLACE ";" "" yore_distribution "${yore_distribution}")
endif()
set(CPACK_DEBIAN_PACKAGE_RELEASE "1~${yore_distribution}")
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(yore_this_version "(= ${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE})")

set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME ${yore_package_runtime})
set(CPACK_DEBIAN_RUNTIME_PACKAGE_RECOMMENDS "bash-completion, man-db")
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SUGGESTS "yore-tensor, graphviz, gnuplot-nox")
set(CPACK_DEBIAN_RUNTIME_DESCRIPTION
  "Which attention does a language need?\nDecides whether global, local or hybrid attention recognises a regular language,\nproves it, and compiles transformers from formulas. Needs no torch.")
set(CPACK_DEBIAN_TENSOR_PACKAGE_NAME ${yore_package_tensor})
set(CPACK_DEBIAN_TENSOR_PACKAGE_DEPENDS "yore ${yore_this_version}, python3:any")
set(CPACK_DEBIAN_TENSOR_PACKAGE_RECOMMENDS "python3-torch")
set(CPACK_DEBIAN_TENSOR_DESCRIPTION
  "Training and running of models for yore, by libtorch\nAdds the commands train, evaluate, generate, inspect and others to the program yore,\nand the Python package of the same name.")
set(CPACK_DEBIAN_SHARED_PACKAGE_NAME ${yore_package_shared})
set(CPACK_DEBIAN_SHARED_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_SHARED_DESCRIPTION
  "Kernels of attention over the past, for C and C++\nSoftmax attention with windows and sinks and other mixers, forward and backward,\nfor every SIMD target of a processor. Needs no torch.")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME ${yore_package_development})
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(yore_development libfmt-dev nlohmann-json3-dev libgmp-dev liblzma-dev libpcre2-dev libutf8proc-dev libonnx-dev
  libprotobuf-dev)
if(YORE_KERNELS)
  list(APPEND yore_development libhwy-dev "libyore-kernels${YORE_SOVERSION} ${yore_this_version}")
endif()
list(JOIN yore_development ", " CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SHLIBDEPS OFF)
if(YORE_TENSOR)
  set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_RECOMMENDS libtorch-dev)
endif()
set(CPACK_DEBIAN_DEVELOPMENT_DESCRIPTION
  "Headers and libraries to build with yore\nFor CMake's find_package(yore COMPONENTS theory kernels tensor) and for pkg-config.\nThe component tensor needs libtorch-dev.")
include(CPack)
