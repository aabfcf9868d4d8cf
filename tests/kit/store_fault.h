/* SPDX-License-Identifier: Apache-2.0
 * A VFS between SQLite and the real one that fails one kind of call on command: the n-th, and with
 * fault_arm_from every one from then on. It passes everything else through, shared memory too. */
#ifndef PLATEN_TESTS_KIT_STORE_FAULT_H
#define PLATEN_TESTS_KIT_STORE_FAULT_H

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <sqlite3.h>

enum fault_call { FAULT_NONE, FAULT_WRITE, FAULT_SYNC, FAULT_READ, FAULT_OPEN };

void fault_install(void);

void fault_remove(void);

/* The n-th such call from now on returns `code`. */
void fault_arm(enum fault_call call, int code, unsigned n);

/* The n-th call fails, and every one after it. */
void fault_arm_from(enum fault_call call, int code, unsigned n);

void fault_arm_forever(enum fault_call call, int code);

/* Whether it has failed since it was armed. */
bool fault_disarm(void);

#endif
