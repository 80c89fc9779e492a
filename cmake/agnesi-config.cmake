# SPDX-License-Identifier: BSD-3-Clause
# find_package(agnesi [COMPONENTS openblas openmp native cuda]): agnesi::agnesi and one target a component.
include(${CMAKE_CURRENT_LIST_DIR}/agnesi-targets.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/agnesi-components.cmake)
foreach(component IN LISTS agnesi_FIND_COMPONENTS)
  if(agnesi_FIND_REQUIRED_${component} AND NOT agnesi_${component}_FOUND)
    set(agnesi_FOUND FALSE)
    set(agnesi_NOT_FOUND_MESSAGE "agnesi was found, but what its component ${component} needs was not")
  endif()
endforeach()
