// SPDX-License-Identifier: BSD-3-Clause
#ifdef MISTAKE
static_assert(false, "the mistake");
#endif
