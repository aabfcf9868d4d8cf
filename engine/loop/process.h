/* SPDX-License-Identifier: Apache-2.0
 * The kernel's figures of this process. */
#ifndef PLATEN_LOOP_PROCESS_H
#define PLATEN_LOOP_PROCESS_H

#include <stdint.h>

uint64_t process_peak_bytes(void); /* resident; 0: unknown */
uint64_t process_open_fds(void);   /* 0: unknown */

#endif
