// SPDX-License-Identifier: BSD-3-Clause
// What the include alone costs.
#include <agnesi/agnesi.hpp>
