# Headers, both libraries, the command, its man page, pkg-config and the CMake package.
include(CMakePackageConfigHelpers)

install(DIRECTORY include/joist DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(TARGETS joist joist_static
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(TARGETS joist_command RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES docs/joist.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)

configure_file(cmake/joist.pc.in joist.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/joist.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

configure_package_config_file(cmake/joist-config.cmake.in joist-config.cmake
    INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/joist
    PATH_VARS CMAKE_INSTALL_INCLUDEDIR CMAKE_INSTALL_LIBDIR)
write_basic_package_version_file(joist-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES
    ${CMAKE_CURRENT_BINARY_DIR}/joist-config.cmake
    ${CMAKE_CURRENT_BINARY_DIR}/joist-config-version.cmake
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/joist)
