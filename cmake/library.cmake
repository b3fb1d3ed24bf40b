# The warnings every target of ours is built with. Headers of dependencies are system headers, so they stay quiet.
add_library(hw_warnings INTERFACE)
target_compile_options(hw_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 reports these inside its own headers when it inlines std::string, std::vector and std::optional at -O2 and
  # -O3, or with a sanitizer.
  target_compile_options(hw_warnings INTERFACE -Wno-restrict -Wno-maybe-uninitialized -Wno-stringop-overflow
    -Wno-stringop-overread -Wno-array-bounds)
  # What else depends on how much was inlined is shown and stops no build.
  target_compile_options(hw_warnings INTERFACE -Wno-error=dangling-pointer -Wno-error=use-after-free
    -Wno-error=free-nonheap-object -Wno-error=nonnull -Wno-error=alloc-size-larger-than= -Wno-error=format-truncation=
    -Wno-error=format-overflow= -Wno-error=stringop-truncation -Wno-error=mismatched-new-delete)
else()
  # libstdc++ 12's std::stable_sort calls what it has itself marked as deprecated, and clang says so.
  target_compile_options(hw_warnings INTERFACE -Wno-deprecated-declarations)
endif()

# hw_precompile(target <CLI/CLI.hpp> …): large headers of dependencies that most sources of a target include are read once.
# Each source still includes what it uses: the header check and clang-tidy build without this.
function(hw_precompile target)
  if(ARGN)
    target_precompile_headers(${target} PRIVATE ${ARGN})
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
      target_compile_options(${target} PRIVATE -fpch-preprocess -Winvalid-pch)  # without it no compiler cache can help
    endif()
  endif()
endfunction()

# hw_library(name DEPENDS common … PRIVATE PkgConfig::CURL … PRECOMPILE <nlohmann/json.hpp> …)
#
# One static library per folder, of all its sources but main.cpp. DEPENDS names other folders and is public; third-party libraries are PRIVATE. Headers
# are found from the root ("parsers/parser.h") and each is proven to compile alone by the target
# all_verify_interface_header_sets.
function(hw_library name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;PRIVATE;PRECOMPILE" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
  add_library(hw_${name} STATIC ${sources})
  file(GLOB headers CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.h)
  target_sources(hw_${name} PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR} FILES ${headers})
  list(TRANSFORM ARG_DEPENDS PREPEND hw_)
  target_link_libraries(hw_${name} PUBLIC ${ARG_DEPENDS} PRIVATE hw_warnings ${ARG_PRIVATE})
  target_include_directories(hw_${name} PUBLIC ${PROJECT_SOURCE_DIR})
  hw_precompile(hw_${name} ${ARG_PRECOMPILE})
endfunction()
