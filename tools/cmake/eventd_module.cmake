# One folder, one static library, one set of rules for all code.
# Build type Dev: -O1 -g1, which builds fast and tests at a fair speed.
set(CMAKE_C_FLAGS_DEV "-O1 -g1" CACHE STRING "" FORCE)
set(CMAKE_CXX_FLAGS_DEV "-O1 -g1" CACHE STRING "" FORCE)
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1" CACHE STRING "" FORCE)
set(CMAKE_C_FLAGS_RELEASE "-O2 -g1" CACHE STRING "" FORCE)

add_library(eventd_rules INTERFACE)
target_include_directories(eventd_rules INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(eventd_rules INTERFACE
  -Wall -Wextra -Wpedantic -fno-omit-frame-pointer -fstack-protector-strong
  $<$<BOOL:${EVENTD_WARNINGS_AS_ERRORS}>:-Werror>
  # GCC 12 warns wrongly of its own std::string and std::variant at -O1 and
  # -O2, and of the operator delete of Asio's coroutine frames.
  $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-restrict -Wno-maybe-uninitialized
    -Wno-stringop-overflow $<$<CONFIG:Release>:-Wno-stringop-overread>
    -Wno-array-bounds
    -Wno-mismatched-new-delete>)
target_compile_definitions(eventd_rules INTERFACE
  _GLIBCXX_ASSERTIONS BOOST_ASIO_NO_DEPRECATED)
if(EVENTD_SANITIZE)
  target_compile_options(eventd_rules INTERFACE
    -fsanitize=${EVENTD_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(eventd_rules INTERFACE -fsanitize=${EVENTD_SANITIZE})
endif()

# RocksDB is linked in where it can be: a quarter of it is never called, and the
# rest takes 3.7 MB less of memory than the shared one. Beside sanitizers its
# templates, compiled without them, would take the place of ours.
add_library(eventd_rocksdb INTERFACE)
add_library(eventd::rocksdb ALIAS eventd_rocksdb)
if(EVENTD_SANITIZE OR NOT TARGET RocksDB::rocksdb)
  target_link_libraries(eventd_rocksdb INTERFACE RocksDB::rocksdb-shared)
else()
  target_link_libraries(eventd_rocksdb INTERFACE RocksDB::rocksdb)
endif()

# What a compiler reads once for a whole target instead of once a file, by the
# name that PRECOMPILED gives it. Only others' headers, which never change here.
# Each file still includes what it uses: the test `headers` compiles ours without
# it, and -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON all files.
set(eventd_precompiled_std <algorithm> <array> <atomic> <chrono> <cstdint>
  <cstring> <deque> <functional> <map> <memory> <mutex> <optional> <set> <span>
  <string> <string_view> <unordered_map> <utility> <variant> <vector>)
set(eventd_precompiled_caf ${eventd_precompiled_std}
  <caf/actor_cast.hpp> <caf/event_based_actor.hpp> <caf/send.hpp>
  <caf/scoped_actor.hpp> <caf/stateful_actor.hpp>
  <caf/typed_event_based_actor.hpp> <caf/typed_response_promise.hpp>)
set(eventd_precompiled_asio ${eventd_precompiled_std}
  <boost/asio/awaitable.hpp> <boost/asio/co_spawn.hpp>
  <boost/asio/detached.hpp> <boost/asio/ip/tcp.hpp> <boost/asio/write.hpp>
  <boost/beast/core/flat_buffer.hpp> <boost/beast/http/read.hpp>
  <boost/beast/http/string_body.hpp> <boost/beast/http/write.hpp>)
set(eventd_precompiled_test ${eventd_precompiled_std}
  <catch2/catch_test_macros.hpp>)
set(eventd_precompiled_gateway
  ${eventd_precompiled_caf} ${eventd_precompiled_asio})

# eventd_precompiled(TARGET NAME…): the lists to use, or none.
function(eventd_precompiled target)
  foreach(list IN LISTS ARGN)
    if(NOT DEFINED eventd_precompiled_${list})
      message(FATAL_ERROR "${target}: nothing precompiled is named ${list}")
    endif()
    string(REPLACE ">" "$<ANGLE-R>" headers "${eventd_precompiled_${list}}")
    target_precompile_headers(${target} PRIVATE
      "$<$<COMPILE_LANGUAGE:CXX>:${headers}>")
  endforeach()
endfunction()

# eventd_module(NAME x HEADERS … SOURCES … PUBLIC … PRIVATE … PRECOMPILED …)
# PUBLIC means: may be included by who includes this folder.
function(eventd_module)
  cmake_parse_arguments(M "" "NAME"
    "HEADERS;SOURCES;PUBLIC;PRIVATE;PRECOMPILED" ${ARGN})
  add_library(eventd_${M_NAME} STATIC)
  add_library(eventd::${M_NAME} ALIAS eventd_${M_NAME})
  target_sources(eventd_${M_NAME}
    PUBLIC FILE_SET HEADERS BASE_DIRS ${CMAKE_SOURCE_DIR} FILES ${M_HEADERS}
    PRIVATE ${M_SOURCES})
  target_link_libraries(eventd_${M_NAME}
    PUBLIC eventd_rules ${M_PUBLIC} PRIVATE ${M_PRIVATE})
  set_target_properties(eventd_${M_NAME} PROPERTIES
    VERIFY_INTERFACE_HEADER_SETS ON)
  eventd_precompiled(eventd_${M_NAME} ${M_PRECOMPILED})
endfunction()

# eventd_test(NAME x SOURCES … LINK … PRECOMPILED …): one test binary of a folder.
function(eventd_test)
  cmake_parse_arguments(T "" "NAME;TIMEOUT" "SOURCES;LINK;PRECOMPILED" ${ARGN})
  add_executable(${T_NAME} ${T_SOURCES})
  target_link_libraries(${T_NAME} PRIVATE
    eventd_rules ${T_LINK} Catch2::Catch2WithMain)
  # CAF 0.17 dereferences an empty pointer to no arguments when an actor is
  # spawned without any, as test doubles often are; it then reads nothing.
  target_compile_options(${T_NAME} PRIVATE -U_GLIBCXX_ASSERTIONS)
  eventd_precompiled(${T_NAME} test ${T_PRECOMPILED})
  if(NOT T_TIMEOUT)
    set(T_TIMEOUT 120)
  endif()
  eventd_discover(${T_NAME} ${T_TIMEOUT})
endfunction()

# Tells CTest each test of a binary; those tagged [.soak] get the label `soak`,
# which tools/test leaves out and tools/soak runs. `timeout` is in seconds; a
# sanitizer gets five times as many. What follows are properties of the tests.
function(eventd_discover name timeout)
  if(EVENTD_SANITIZE)
    math(EXPR timeout "${timeout} * 5")
  endif()
  catch_discover_tests(${name} DISCOVERY_MODE PRE_TEST
    PROPERTIES ${ARGN} TIMEOUT ${timeout})
  catch_discover_tests(${name} DISCOVERY_MODE PRE_TEST TEST_SPEC "[soak]"
    PROPERTIES ${ARGN} TIMEOUT 14400 LABELS soak)
endfunction()

# GCC's ThreadSanitizer does not know the fences that Asio puts around handlers.
# They only serve handlers that share memory without a lock or an atomic, which
# none of ours does.
function(eventd_uses_asio name)
  if(EVENTD_SANITIZE STREQUAL "thread")
    target_compile_definitions(${name} PUBLIC BOOST_ASIO_DISABLE_FENCED_BLOCK)
    target_compile_options(${name} PUBLIC -Wno-tsan)
  endif()
endfunction()
