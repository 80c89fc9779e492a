// SPDX-License-Identifier: BSD-3-Clause
// agnesi: tensor formulas that are simplified, differentiated, fused and planned by the C++ compiler.
#pragma once

// What complains to users comes first, so that few "included from" lines stand above its sentences.
#include "agnesi/expr/report.hpp"
#include "agnesi/ops/movement.hpp"
#include "agnesi/ops/reduce.hpp"
#include "agnesi/ops/index.hpp"
#include "agnesi/ops/contract.hpp"
#include "agnesi/ops/probability.hpp"
#include "agnesi/passes/options.hpp"

#include "agnesi/containers/array.hpp"
#include "agnesi/containers/functions.hpp"
#include "agnesi/expr/same.hpp"
#include "agnesi/expr/show.hpp"
#include "agnesi/expr/symbols.hpp"
#include "agnesi/function/function.hpp"
#include "agnesi/grad/grad.hpp"
#include "agnesi/passes/simplified.hpp"
