// SPDX-License-Identifier: BSD-3-Clause
// expect: a sentence that nobody says
#ifdef MISTAKE
static_assert(false, "another sentence");
#endif
