/* SPDX-License-Identifier: Apache-2.0
 * The hub as its verbs see it: the daemon, and the one change that verbs make. */
#ifndef PLATEN_HUB_HUB_H
#define PLATEN_HUB_HUB_H

#include "engine/conf/conf.h"
#include "proto/base/err.h"
#include "engine/store/archive.h"

/* daemon_hold_signals comes first. Until SIGTERM or SIGINT, then what is on its way is finished.
 * The JSON ready line goes to ready_fd if that is not negative. 0 after an orderly stop; errors
 * were logged. */
int hub_run(const struct hub_conf *conf, int ready_fd) MUST_USE;

/* Puts an account into the hub's store: through the daemon if one runs, else directly. `why` holds
 * the action that was taken, "added" or ACCOUNT_REPLACED, or the reason of the error. */
#define ACCOUNT_REPLACED "replaced"
int hub_put_account(const struct hub_conf *conf, const struct archive_account *account, char *why,
	size_t why_cap) MUST_USE;

#endif
