// SPDX-License-Identifier: BSD-3-Clause
#include "agnesi.hpp"

template reductions::reductions_of<double> reductions::by_agnesi<double>();
