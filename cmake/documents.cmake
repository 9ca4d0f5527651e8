# What is installed for readers: documents, manual pages, completion. Component runtime.
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/docs COMPONENT runtime PATTERN site EXCLUDE)
install(FILES README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT runtime)
install(FILES cmake/bash-completion DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME yore
  COMPONENT runtime)
# Made from the program's own --help when it is installed, which takes three seconds.
install(CODE "
  find_program(YORE_HELP2MAN help2man)
  if(YORE_HELP2MAN)
    execute_process(COMMAND \"${PROJECT_SOURCE_DIR}/scripts/manuals\" \"$<TARGET_FILE:yore>\"
      \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_MANDIR}/man1\" COMMAND_ERROR_IS_FATAL ANY)
  else()
    message(STATUS \"No manual pages: they are made by help2man, which is not here\")
  endif()" COMPONENT runtime)
# Each Debian package brings its licence along (package.cmake names the packages).
set(yore_package_runtime yore)
set(yore_package_tensor yore-tensor)
set(yore_package_shared libyore-kernels${YORE_SOVERSION})
set(yore_package_development libyore-dev)
foreach(component IN ITEMS runtime tensor shared development)
  install(FILES cmake/copyright DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${yore_package_${component}} COMPONENT ${component})
endforeach()
