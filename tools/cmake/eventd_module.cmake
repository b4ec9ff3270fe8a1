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
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict -Wno-maybe-uninitialized
    -Wno-stringop-overflow -Wno-array-bounds
    -Wno-mismatched-new-delete>)
target_compile_definitions(eventd_rules INTERFACE
  _GLIBCXX_ASSERTIONS BOOST_ASIO_NO_DEPRECATED)
if(EVENTD_SANITIZE)
  target_compile_options(eventd_rules INTERFACE
    -fsanitize=${EVENTD_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(eventd_rules INTERFACE -fsanitize=${EVENTD_SANITIZE})
endif()

# eventd_module(NAME x HEADERS … SOURCES … PUBLIC … PRIVATE …)
# PUBLIC means: may be included by who includes this folder.
function(eventd_module)
  cmake_parse_arguments(M "" "NAME" "HEADERS;SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(eventd_${M_NAME} STATIC)
  add_library(eventd::${M_NAME} ALIAS eventd_${M_NAME})
  target_sources(eventd_${M_NAME}
    PUBLIC FILE_SET HEADERS BASE_DIRS ${CMAKE_SOURCE_DIR} FILES ${M_HEADERS}
    PRIVATE ${M_SOURCES})
  target_link_libraries(eventd_${M_NAME}
    PUBLIC eventd_rules ${M_PUBLIC} PRIVATE ${M_PRIVATE})
  set_target_properties(eventd_${M_NAME} PROPERTIES
    VERIFY_INTERFACE_HEADER_SETS ON)
endfunction()

# eventd_test(NAME x SOURCES … LINK …): one test binary of a folder.
function(eventd_test)
  cmake_parse_arguments(T "" "NAME;TIMEOUT" "SOURCES;LINK" ${ARGN})
  add_executable(${T_NAME} ${T_SOURCES})
  target_link_libraries(${T_NAME} PRIVATE
    eventd_rules ${T_LINK} Catch2::Catch2WithMain)
  # CAF 0.17 dereferences an empty pointer to no arguments when an actor is
  # spawned without any, as test doubles often are; it then reads nothing.
  target_compile_options(${T_NAME} PRIVATE -U_GLIBCXX_ASSERTIONS)
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
