// SPDX-License-Identifier: BSD-3-Clause
// The same as <agnesi/agnesi.hpp>.
#pragma once

#include "agnesi/agnesi.hpp"
