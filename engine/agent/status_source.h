/* SPDX-License-Identifier: Apache-2.0
 * The status of the daemon for the verbs: from itself over the control socket if it runs, else as
 * it last wrote it. Blocks. */
#ifndef PLATEN_AGENT_STATUS_SOURCE_H
#define PLATEN_AGENT_STATUS_SOURCE_H

#include "engine/ui/status.h"
#include "proto/base/err.h"

/* 0: *s is the status of `dir`'s daemon, of this moment if it runs and responds. A process that
 * runs without a response has the state STATUS_STARTING or STATUS_NOT_RESPONDING. -ENOENT: no
 * daemon has left a status. */
int agent_status_get(const char *dir, struct agent_status *s, bool *is_running) MUST_USE;

#endif
