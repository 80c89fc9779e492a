// SPDX-License-Identifier: BSD-3-Clause
// How a function of the library is told about threads: `ag::function(inputs, outputs AGNESI_BENCHMARK_THREADS)`.
#pragma once

#define AGNESI_BENCHMARK_THREADS
