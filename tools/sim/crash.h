/* SPDX-License-Identifier: Apache-2.0
 * Crash-prone printers: certain requests make them stop responding until the command "start", as
 * seen with real devices. Their traffic record keeps the fatal requests. */
#ifndef PLATEN_SIM_CRASH_H
#define PLATEN_SIM_CRASH_H

#include "tools/sim/pdu.h"

/* True if the printer has crashed, or crashes on this request. */
bool crash_check(struct transaction *t, const struct request *q, const struct plan *k) MUST_USE;

#endif
