// SPDX-License-Identifier: BSD-3-Clause
// expect: something
#ifdef MISTAKE
int fine;
#endif
