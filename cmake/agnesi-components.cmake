# SPDX-License-Identifier: BSD-3-Clause
# What agnesi can use beside itself, each an INTERFACE target on top of agnesi::agnesi; agnesi_NAME_FOUND
# says whether it does anything. Read by the build of agnesi and by its installed package alike.
# xsimd needs no target: the headers use <xsimd/xsimd.hpp> where the compiler finds it.
include_guard(GLOBAL)

function(agnesi_add_component name)
  add_library(agnesi::${name} INTERFACE IMPORTED GLOBAL)
  target_link_libraries(agnesi::${name} INTERFACE agnesi::agnesi)
endfunction()

# openblas: products by CBLAS
agnesi_add_component(openblas)
set(agnesi_openblas_FOUND FALSE CACHE INTERNAL "")
find_package(PkgConfig QUIET)
if(PKG_CONFIG_FOUND)
  pkg_check_modules(AGNESI_OPENBLAS QUIET openblas)
endif()
if(AGNESI_OPENBLAS_FOUND)
  set(agnesi_openblas_libraries ${AGNESI_OPENBLAS_LINK_LIBRARIES})
  set(agnesi_openblas_includes ${AGNESI_OPENBLAS_INCLUDE_DIRS})
else()
  find_library(AGNESI_OPENBLAS_LIBRARY NAMES openblas)
  find_path(AGNESI_OPENBLAS_INCLUDE cblas.h PATH_SUFFIXES openblas)
  mark_as_advanced(AGNESI_OPENBLAS_LIBRARY AGNESI_OPENBLAS_INCLUDE)
  if(AGNESI_OPENBLAS_LIBRARY AND AGNESI_OPENBLAS_INCLUDE)
    set(agnesi_openblas_libraries ${AGNESI_OPENBLAS_LIBRARY})
    set(agnesi_openblas_includes ${AGNESI_OPENBLAS_INCLUDE})
  endif()
endif()
if(agnesi_openblas_libraries)
  set(agnesi_openblas_FOUND TRUE CACHE INTERNAL "")
  target_compile_definitions(agnesi::openblas INTERFACE AGNESI_USE_BLAS)
  target_include_directories(agnesi::openblas SYSTEM INTERFACE ${agnesi_openblas_includes})
  target_link_libraries(agnesi::openblas INTERFACE ${agnesi_openblas_libraries})
endif()

# openmp: threads
agnesi_add_component(openmp)
find_package(OpenMP QUIET COMPONENTS CXX)
set(agnesi_openmp_FOUND ${OpenMP_CXX_FOUND} CACHE INTERNAL "")
if(OpenMP_CXX_FOUND)
  separate_arguments(agnesi_openmp_flags NATIVE_COMMAND "${OpenMP_CXX_FLAGS}")
  target_compile_options(agnesi::openmp INTERFACE "$<$<COMPILE_LANGUAGE:CXX>:${agnesi_openmp_flags}>")
  target_link_libraries(agnesi::openmp INTERFACE ${OpenMP_CXX_LIBRARIES})
endif()

# native: the vector instructions of the machine that compiles
agnesi_add_component(native)
set(agnesi_native_FOUND TRUE CACHE INTERNAL "")
target_compile_options(agnesi::native INTERFACE
  $<$<COMPILE_LANG_AND_ID:CXX,GNU,Clang,AppleClang>:-march=native>
  $<$<COMPILE_LANGUAGE:CUDA>:-Xcompiler=-march=native>)

# cuda: the libraries <agnesi/cuda.hpp> calls; the program enables the language CUDA itself
agnesi_add_component(cuda)
find_package(CUDAToolkit QUIET)
set(agnesi_cuda_FOUND ${CUDAToolkit_FOUND} CACHE INTERNAL "")
if(CUDAToolkit_FOUND)
  target_link_directories(agnesi::cuda INTERFACE ${CUDAToolkit_LIBRARY_DIR})
  target_link_libraries(agnesi::cuda INTERFACE cublas cublasLt)
endif()
