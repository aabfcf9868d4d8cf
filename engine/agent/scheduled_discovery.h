/* SPDX-License-Identifier: Apache-2.0
 * Connects scheduled discovery (fleet/discovery.h) to the agent. */
#ifndef PLATEN_AGENT_SCHEDULED_DISCOVERY_H
#define PLATEN_AGENT_SCHEDULED_DISCOVERY_H

#include "proto/base/err.h"

#include <stdbool.h>

struct agent;
struct conf_device;

/* How a device is read that discovery found without credentials: by the community that it tries
 * then.
 */
extern const struct conf_device agent_scan_public;

/* After the roster, before the fleet. Devices that earlier runs found join the roster. */
int agent_scan_open(struct agent *a) MUST_USE;

/* The printers have become due: runs may begin; is_asked_for: one begins now. */
void agent_scan_start(struct agent *a, bool is_asked_for);

/* No run from now on. True: one is being ended, and agent_stop_next follows. */
bool agent_scan_stop(struct agent *a);

/* After the device store was closed. */
void agent_scan_close(struct agent *a);

#endif
