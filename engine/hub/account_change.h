/* SPDX-License-Identifier: Apache-2.0
 * Changes to a hub by verbs, while it runs (over the control socket, on the disk worker) or not
 * (in the store, under its lock). A secret never crosses the socket: its salted hash does. */
#ifndef PLATEN_HUB_ACCOUNT_CHANGE_H
#define PLATEN_HUB_ACCOUNT_CHANGE_H

#include "engine/ui/ctl.h"
#include "engine/loop/workers.h"
#include "engine/store/archive.h"
#include "engine/store/audit_queue.h"

struct account_change;

int account_change_open(struct account_change **ret, struct workers *workers,
	struct archive *archive, struct audit_queue *audit) MUST_USE;
/* Every session must have its response. NULL is harmless. */
void account_change_close(struct account_change *c);

/* Responds to the session, now or later. One change at a time; another one gets an error. */
void account_change_start(
	struct account_change *c, struct ctl_session *s, const struct ctl_line *line);

#endif
