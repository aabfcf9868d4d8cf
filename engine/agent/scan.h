/* SPDX-License-Identifier: Apache-2.0
 * How scheduled discovery (fleet/discovery.h) is joined to the agent. */
#ifndef PLATEN_AGENT_SCAN_H
#define PLATEN_AGENT_SCAN_H

#include "proto/base/err.h"

#include <stdbool.h>

struct agent;

/* After the roster, before the fleet. What earlier runs found joins the roster. */
int agent_scan_open(struct agent *a) MUST_USE;

/* The printers have become due: runs may begin, or one is asked for. */
void agent_scan_start(struct agent *a, bool is_asked_for);

/* No run from now on. True: one is being ended, and the fleet is stopped after it. */
bool agent_scan_stop(struct agent *a);

/* After known was closed. */
void agent_scan_close(struct agent *a);

#endif
