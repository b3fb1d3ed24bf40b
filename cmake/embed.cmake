# hw_embed(target output namespace function=file …): the content of text files as string_views, so that the binary runs from anywhere.
#
#   hw_embed(hw_config embedded.cpp hw::config embedded_messengers=messengers.yaml …)
function(hw_embed target output namespace)
  set(text "// Generated from the files named below.\n#include <string_view>\n\nnamespace ${namespace} {\n")
  foreach(pair ${ARGN})
    string(REPLACE "=" ";" parts ${pair})
    list(GET parts 0 name)
    list(GET parts 1 file)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${file})
    file(READ ${file} content)
    string(APPEND text "\nstd::string_view ${name}() {\n  // ${file}\n  return R\"embedded(${content})embedded\";\n}\n")
  endforeach()
  string(APPEND text "\n}  // namespace ${namespace}\n")
  file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/${output} CONTENT "@text@" @ONLY)
  target_sources(${target} PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/${output})
  # The standard asks compilers for 65,536 bytes in a literal; both of ours take any number.
  set_source_files_properties(${CMAKE_CURRENT_BINARY_DIR}/${output} PROPERTIES COMPILE_OPTIONS -Wno-overlength-strings)
endfunction()
