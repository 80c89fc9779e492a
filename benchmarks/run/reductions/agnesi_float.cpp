// SPDX-License-Identifier: BSD-3-Clause
#include "agnesi.hpp"

template reductions::reductions_of<float> reductions::by_agnesi<float>();
