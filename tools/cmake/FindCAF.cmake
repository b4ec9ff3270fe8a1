# Debian ships no CMake package for CAF. Targets: CAF::core, CAF::io.
find_path(CAF_INCLUDE_DIR caf/actor_system.hpp)
find_library(CAF_CORE_LIBRARY caf_core)
find_library(CAF_IO_LIBRARY caf_io)
if(CAF_INCLUDE_DIR)
  file(STRINGS ${CAF_INCLUDE_DIR}/caf/config.hpp CAF_VERSION_LINE
    REGEX "#define CAF_VERSION [0-9]+")
  string(REGEX MATCH "[0-9]+$" CAF_VERSION_NUMBER "${CAF_VERSION_LINE}")
  math(EXPR CAF_MINOR "${CAF_VERSION_NUMBER} / 100 % 100")
  math(EXPR CAF_PATCH "${CAF_VERSION_NUMBER} % 100")
  set(CAF_VERSION "0.${CAF_MINOR}.${CAF_PATCH}")
endif()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(CAF
  REQUIRED_VARS CAF_INCLUDE_DIR CAF_CORE_LIBRARY CAF_IO_LIBRARY
  VERSION_VAR CAF_VERSION)
foreach(part core io)
  string(TOUPPER ${part} upper)
  if(CAF_FOUND AND NOT TARGET CAF::${part})
    add_library(CAF::${part} UNKNOWN IMPORTED)
    set_target_properties(CAF::${part} PROPERTIES
      IMPORTED_LOCATION ${CAF_${upper}_LIBRARY}
      INTERFACE_INCLUDE_DIRECTORIES ${CAF_INCLUDE_DIR}
      INTERFACE_LINK_LIBRARIES Threads::Threads)
  endif()
endforeach()
