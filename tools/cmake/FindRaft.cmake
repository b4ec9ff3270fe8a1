# libraft of cowsql. Exactly 0.22.1: Debian 12's own 0.15.0 loses acknowledged
# entries, and later versions change who owns which memory.
find_path(RAFT_INCLUDE_DIR raft.h)
find_library(RAFT_LIBRARY raft)
if(RAFT_INCLUDE_DIR)
  file(STRINGS ${RAFT_INCLUDE_DIR}/raft.h RAFT_VERSION_LINES
    REGEX "#define RAFT_VERSION_(MAJOR|MINOR|RELEASE) [0-9]+")
  string(REGEX REPLACE "[^0-9;]" "" RAFT_VERSION "${RAFT_VERSION_LINES}")
  string(REPLACE ";" "." RAFT_VERSION "${RAFT_VERSION}")
endif()
if(NOT RAFT_VERSION STREQUAL "0.22.1")
  message(FATAL_ERROR "eventd needs libraft 0.22.1 (found: '${RAFT_VERSION}'); "
    "tools/setup installs it from bookworm-backports")
endif()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Raft
  REQUIRED_VARS RAFT_INCLUDE_DIR RAFT_LIBRARY VERSION_VAR RAFT_VERSION)
if(NOT TARGET Raft::raft)
  add_library(Raft::raft UNKNOWN IMPORTED)
  set_target_properties(Raft::raft PROPERTIES
    IMPORTED_LOCATION ${RAFT_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${RAFT_INCLUDE_DIR})
endif()
