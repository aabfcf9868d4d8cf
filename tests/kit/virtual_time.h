/* SPDX-License-Identifier: Apache-2.0
 * Virtual time for a test of one loop and its sockets; see virtual_time.c for how to link it. */
#ifndef PLATEN_TESTS_KIT_VIRTUAL_TIME_H
#define PLATEN_TESTS_KIT_VIRTUAL_TIME_H

#include <stdint.h>

/* Since the start of the test program. */
uint64_t virtual_time_passed_ms(void);

#endif
